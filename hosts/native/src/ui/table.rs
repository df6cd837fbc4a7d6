//! A table in so many columns of a terminal.

use unicode_width::UnicodeWidthStr as _;

use super::words::{padded, wrapped};
use crate::text;

/// Between two columns.
const GAP: usize = 2;
/// A column that would be narrower is not read: then every row is a few lines of its own.
const NARROWEST: usize = 6;

/// A line of a table.
pub(super) enum Line {
    Names(String),
    Cells(String),
}

/// The lines: columns as wide as their widest cell, as far as there is room, under their names.
pub(super) fn lines(columns: &[String], rows: &[Vec<String>], width: usize) -> Vec<Line> {
    let names = cells(columns);
    let rows: Vec<_> = rows.iter().map(|row| cells(row)).collect();
    let mut widths: Vec<usize> = names.iter().map(|cell| cell.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let gaps = GAP * widths.len().saturating_sub(1);
    let Some(most) = widest(&widths, width.saturating_sub(gaps)) else {
        return records(&names, &rows, width);
    };
    for width in &mut widths {
        *width = most.min(*width);
    }
    let mut lines: Vec<_> = row(&names, &widths).map(Line::Names).collect();
    lines.extend(rows.iter().flat_map(|cells| row(cells, &widths)).map(Line::Cells));
    lines
}

fn cells(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| text::line(cell).into_owned()).collect()
}

/// The widest that a column may be, so that all fit in so much room.
fn widest(widths: &[usize], room: usize) -> Option<usize> {
    let fits = |most: usize| widths.iter().map(|width| most.min(*width)).sum::<usize>() <= room;
    let widest = widths.iter().copied().max().unwrap_or(0);
    if fits(widest) {
        return Some(widest);
    }
    // All of them at `low` fit, at `high` not.
    let (mut low, mut high) = (0, widest);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    (low >= NARROWEST).then_some(low)
}

/// A row: as many lines as its longest cell takes.
fn row(cells: &[String], widths: &[usize]) -> impl Iterator<Item = String> + use<> {
    let columns: Vec<(Vec<String>, usize)> =
        cells.iter().zip(widths).map(|(cell, width)| (wrapped(cell, *width), *width)).collect();
    let height = columns.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0).max(1);
    (0..height).map(move |line| {
        let parts = columns.iter().map(|(lines, width)| {
            padded(lines.get(line).map(String::as_str).unwrap_or_default(), *width)
        });
        parts.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    })
}

/// Each cell on a line of its own, with its column's name; a blank line after each row.
fn records(names: &[String], rows: &[Vec<String>], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in rows {
        for (name, cell) in names.iter().zip(row) {
            lines.extend(wrapped(&format!("{name}: {cell}"), width).into_iter().map(Line::Cells));
        }
        lines.push(Line::Cells(String::new()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(columns: &[&str], rows: &[&[&str]], width: usize) -> Vec<String> {
        let owned = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let rows: Vec<_> = rows.iter().map(|row| owned(row)).collect();
        let text = |line| match line {
            Line::Names(text) | Line::Cells(text) => text,
        };
        lines(&owned(columns), &rows, width).into_iter().map(text).collect()
    }

    #[test]
    fn columns_are_as_wide_as_there_is_room() {
        let rows: &[&[&str]] = &[&["世界", "1"], &["bob", "one two three"]];
        assert_eq!(shown(&["who", "n"], rows, 40), ["who   n", "世界  1", "bob   one two three"]);
        let narrow = ["who   n", "世界  1", "bob   one two", "      three"];
        assert_eq!(shown(&["who", "n"], rows, 14), narrow);
    }

    #[test]
    fn what_has_no_room_for_columns_is_told_row_by_row() {
        let rows: &[&[&str]] = &[&["alphabet", "betagamma"]];
        assert_eq!(shown(&["a", "b"], rows, 10), ["a:", "alphabet", "b:", "betagamma", ""]);
    }

    #[test]
    fn every_line_fits() {
        let long = "x".repeat(200);
        let rows: &[&[&str]] = &[&[&long, "世界世界世界世界", ""], &["", &long, "a b c"]];
        for width in 8..120 {
            for line in shown(&["a", "bb", "ccc"], rows, width) {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}
