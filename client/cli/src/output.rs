//! Printing: one JSON document, or text for people.

use std::io::{self, Write};

use serde_json::Value;

use crate::config::Settings;

/// Prints a result in the form that was asked for. `text` ends without a line break.
pub(crate) fn print(settings: &Settings, document: &Value, text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if settings.json {
        writeln!(out, "{document:#}")?;
    } else if !text.is_empty() {
        writeln!(out, "{text}")?;
    }
    out.flush()
}

/// Lays out rows under a heading, columns aligned.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(heading.to_vec())];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str).collect())),
    );
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_without_spaces() {
        let rows = vec![
            vec!["1".into(), "x".into()],
            vec!["234567".into(), "".into()],
        ];
        assert_eq!(
            table(&["NODE", "STATE"], &rows),
            "NODE    STATE\n1       x\n234567"
        );
    }
}
