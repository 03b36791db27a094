//! The table of steps at the end.

use std::{fmt, time::Duration};

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// How long it took.
    pub took: Duration,
    /// Bytes of the file that were moved by it, if any.
    pub bytes: Option<u64>,
    /// What came of it.
    pub result: String,
}

/// All steps in order.
#[derive(Clone, Debug, Default)]
pub struct StepTable {
    steps: Vec<Step>,
}

impl StepTable {
    /// Adds a step.
    pub fn add(&mut self, step: Step) {
        self.steps.push(step);
    }
}

impl fmt::Display for StepTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self
            .steps
            .iter()
            .map(|step| step.name.chars().count())
            .max();
        let width = longest.unwrap_or_default().max(4);
        writeln!(
            f,
            "{:width$}  {:>8}  {:>7}  result",
            "step", "seconds", "MB/s"
        )?;
        for step in &self.steps {
            let rate = step
                .bytes
                .map(|bytes| megabytes_per_second(bytes, step.took));
            let seconds = format!("{:.1}", step.took.as_secs_f64());
            let (name, rate) = (&step.name, rate.unwrap_or_default());
            writeln!(f, "{name:width$}  {seconds:>8}  {rate:>7}  {}", step.result)?;
        }
        let all: Duration = self.steps.iter().map(|step| step.took).sum();
        write!(f, "{:width$}  {:>8.1}", "all", all.as_secs_f64())
    }
}

/// Millions of bytes in a second.
fn megabytes_per_second(bytes: u64, took: Duration) -> String {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    // Bytes in a microsecond are megabytes in a second; one digit behind the point.
    let tenths = bytes.saturating_mul(10) / micros;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_rates_where_bytes_moved() {
        let mut table = StepTable::default();
        table.add(Step {
            name: "download".into(),
            took: Duration::from_secs(2),
            bytes: Some(25_000_000),
            result: "equal".into(),
        });
        table.add(Step {
            name: "wait".into(),
            took: Duration::from_millis(500),
            bytes: None,
            result: String::new(),
        });
        let text = table.to_string();
        assert!(
            text.contains("download       2.0     12.5  equal"),
            "{text}"
        );
        assert!(text.lines().last().unwrap().contains("2.5"), "{text}");
    }
}
