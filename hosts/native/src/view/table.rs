use myrhiza_kernel_api::ui::Table;
use unicode_width::UnicodeWidthStr as _;

use super::Colours;
use crate::text;

/// A table's lines: columns as wide as their widest cell, under the column names.
pub(super) fn lines(table: &Table, colours: Colours) -> Vec<String> {
    let header: Vec<String> = cells(&table.columns);
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| cells(row)).collect();
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let aligned = |row: &[String]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![colours.title(&aligned(&header))];
    lines.extend(rows.iter().map(|row| aligned(row)));
    lines
}

fn cells(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| text::line(cell).into_owned()).collect()
}
