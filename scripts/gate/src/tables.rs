//! Tables of a Markdown page, between two comments that name them.

/// Why a table cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The page has no such pair of comments.
    #[error("the page has no table between <!-- {0}:begin --> and <!-- {0}:end -->")]
    Missing(String),
    /// A row has another number of cells than the first.
    #[error("the row {row:?} has {cells} cells, the table has {columns}")]
    Cells {
        /// The row as it stands.
        row: String,
        /// Its cells.
        cells: usize,
        /// Cells of the first row.
        columns: usize,
    },
}

/// The rows of table `name` of a page, without its head; every cell is trimmed and without
/// backquotes.
///
/// # Errors
/// Where the page has no such table or a row has too many or too few cells.
pub fn rows(page: &str, name: &str) -> Result<Vec<Vec<String>>, TableError> {
    let missing = || TableError::Missing(name.to_owned());
    let begin = format!("<!-- {name}:begin -->");
    let end = format!("<!-- {name}:end -->");
    let (_, rest) = page.split_once(&begin).ok_or_else(missing)?;
    let (table, _) = rest.split_once(&end).ok_or_else(missing)?;
    let mut lines = table
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('|'));
    let columns = lines.next().map(cells).ok_or_else(missing)?.len();
    let is_rule = |line: &&str| line.chars().all(|c| "|-: ".contains(c));
    let mut all = Vec::new();
    for line in lines.filter(|line| !is_rule(line)) {
        let row = cells(line);
        if row.len() != columns {
            return Err(TableError::Cells {
                row: line.to_owned(),
                cells: row.len(),
                columns,
            });
        }
        all.push(row);
    }
    Ok(all)
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|').trim_end_matches('|');
    inner
        .split('|')
        .map(|cell| cell.replace('`', "").trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_without_its_head_and_its_rule() {
        let page = "x\n<!-- t:begin -->\n| a | b |\n|---|:-:|\n| `one` | two, three |\n<!-- t:end -->\n| no |";
        assert_eq!(rows(page, "t").unwrap(), [["one", "two, three"]]);
    }

    #[test]
    fn a_page_without_the_table_and_a_torn_row_are_refused() {
        assert_eq!(rows("", "t"), Err(TableError::Missing("t".into())));
        let page = "<!-- t:begin -->\n| a | b |\n| one |\n<!-- t:end -->";
        assert!(matches!(
            rows(page, "t"),
            Err(TableError::Cells { cells: 1, .. })
        ));
    }
}
