use myrhiza_api::topics::{Lister, Topic as Listed, by_name};
use unicode_width::UnicodeWidthStr as _;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Outcome;
use crate::runtime::told;
use crate::text;

pub(super) fn list(cx: &Context<'_>) -> Outcome<Exit> {
    let (home, runtime) = cx.open_runtime()?;
    let listed = || {
        let who = (home.certificate().scope(), home.person());
        let lister = Lister::new(&runtime, who, cx.denied())?;
        by_name(&runtime)?.iter().map(|topic| lister.topic(topic)).collect::<Result<Vec<_>, _>>()
    };
    let listed = listed().map_err(told("the topics were not read"))?;
    let none = "there are no topics here; `myrhiza topic create APP` founds one, `myrhiza topic join TICKET` \
                enters one";
    cx.output.remark_if(listed.is_empty(), none);
    cx.output.print(&listed, |out| {
        let rows: Vec<_> = listed.iter().map(row).collect();
        let widths: [usize; 3] =
            std::array::from_fn(|at| rows.iter().map(|row| row[at].width()).max().unwrap_or(0));
        rows.iter().try_for_each(|row| {
            for (cell, width) in row.iter().zip(widths) {
                write!(out, "{cell}{}  ", " ".repeat(width.saturating_sub(cell.width())))?;
            }
            writeln!(out, "{}", row[3])
        })
    })?;
    Ok(Exit::Ok)
}

/// A topic's line, in columns.
fn row(topic: &Listed) -> [String; 4] {
    let app = match (&topic.app, &topic.waits) {
        (Some(app), None) => text::line(app).into_owned(),
        (Some(app), Some(next)) => format!("{}  (waits for bundle {next})", text::line(app)),
        (None, _) => format!("needs bundle {}", topic.bundle),
    };
    let member = if topic.member == Some(false) { "  (not a member)" } else { "" };
    let revoked = if topic.revoked { "  (its author has revoked this version)" } else { "" };
    let denied = match topic.denied {
        Some(true) => "  (no peer that was reached shares it with this home)",
        _ => "",
    };
    [
        topic.id[..16].to_owned(),
        text::line(&topic.name).into_owned(),
        text::count(topic.events, "event"),
        format!("{app}{member}{denied}{revoked}"),
    ]
}
