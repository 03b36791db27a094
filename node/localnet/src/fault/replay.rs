//! Plans out of logs.

use std::path::Path;

use super::{Deed, FaultLog, FaultPlan, LogLine, PlannedFault};
use crate::error::NetworkError;

impl FaultPlan {
    /// The plan of a log: the last that was begun in it, or what was done by hand, where none was.
    pub fn from_log(path: &Path) -> Result<Self, NetworkError> {
        let lines = FaultLog::read(path)?;
        let planned = lines.iter().rev().find_map(|line| match line {
            LogLine::Plan(plan) => Some(plan.clone()),
            LogLine::Fault(_) => None,
        });
        Ok(planned.unwrap_or_else(|| Self::from_deeds(&lines)))
    }

    fn from_deeds(lines: &[LogLine]) -> Self {
        let entries = || {
            lines.iter().filter_map(|line| match line {
                LogLine::Fault(entry) => Some(entry),
                LogLine::Plan(_) => None,
            })
        };
        let first = entries().map(|entry| entry.block).min().unwrap_or_default();
        let last = entries().map(|entry| entry.block).max().unwrap_or_default();
        let done = entries().enumerate().filter(|(_, e)| e.deed == Deed::Done);
        let faults = done
            .map(|(index, begun)| {
                let end = entries()
                    .skip(index)
                    .find(|entry| {
                        entry.deed == Deed::Undone
                            && entry.member == begun.member
                            && entry.fault == begun.fault
                    })
                    .map_or(last, |entry| entry.block);
                PlannedFault {
                    at: begun.block.saturating_sub(first),
                    lasts: end.saturating_sub(begun.block),
                    member: begun.member,
                    fault: begun.fault,
                }
            })
            .collect();
        Self { seed: None, faults }
    }
}
