//! `neuro rm`, `neuro extend` and `neuro quote`.

use anyhow::bail;
use neurostore_client::{AgreementError, Capacity, Cost, Dropped, Neuro};
use serde_json::json;

use crate::{
    amounts::blocks, catalogue::Catalogue, config::Settings, exit::Usage, locators::Named, output,
};

/// Ends the agreements of an object and forgets it.
pub(crate) async fn rm(object: &str, settings: &Settings) -> anyhow::Result<()> {
    let named = Named::read(object, settings)?;
    let client = super::payer(settings).await?;
    same_chain(&named, &super::genesis(&client))?;
    let segments = super::segments_of(&client, &named).await?;
    let dropped = client.drop_segments(&segments).await?;
    let ended = dropped.ended;
    if !dropped.not_ours.is_empty() {
        let account = client.signer().map(|signer| signer.account_id());
        let account = account.map(|id| id.to_string()).unwrap_or_default();
        bail!(not_the_payer(&named, &account, &dropped, segments.len()));
    }
    Catalogue::at(&settings.folder).remove(&named.locator)?;
    let text = format!(
        "{}: {ended} of {} segments are no longer paid for; unused rent came back",
        super::title(&named),
        segments.len()
    );
    output::print(
        settings,
        &json!({ "ended": ended, "segments": segments.len() }),
        &text,
    )?;
    client.shutdown().await;
    Ok(())
}

/// Refuses where the object was stored on another chain than we are connected to.
fn same_chain(named: &Named, genesis: &str) -> anyhow::Result<()> {
    let Some(entry) = named.entry.as_ref().filter(|entry| entry.chain != genesis) else {
        return Ok(());
    };
    let text = format!(
        "{} is on the chain with genesis {}, and --chain leads to the one with genesis {genesis}; \
         nothing was ended and its entry in the catalogue is kept",
        super::title(named),
        entry.chain,
    );
    Err(Usage(text).into())
}

/// Why an object was not forgotten: others pay for it.
fn not_the_payer(named: &Named, account: &str, dropped: &Dropped, segments: usize) -> String {
    let kept = if named.entry.is_some() {
        ". Its entry in the catalogue, which has its key, is kept"
    } else {
        ""
    };
    format!(
        "account {account} does not pay for {}: {} of its {segments} segments are paid for by \
         others; {} agreements of the account were ended{kept}",
        super::title(named),
        dropped.not_ours.len(),
        dropped.ended,
    )
}

/// How much more time is paid for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    /// So many windows more.
    Windows(u32),
    /// What is missing until this block.
    Until(u32),
}

impl Time {
    /// Until when an object is paid for that was paid for until `before`.
    fn target(self, before: u32, window: u32) -> u32 {
        match self {
            Self::Windows(windows) => before.saturating_add(window.saturating_mul(windows)),
            Self::Until(block) => block.max(before),
        }
    }
}

/// Pays for more time of every segment of an object.
pub(crate) async fn extend(object: &str, time: Time, settings: &Settings) -> anyhow::Result<()> {
    if let Time::Windows(windows) = time {
        super::check_windows(windows)?;
    }
    let named = Named::read(object, settings)?;
    let title = super::title(&named);
    let client = super::payer(settings).await?;
    let segments = super::segments_of(&client, &named).await?;
    let (window, _) = client.chain().window_blocks().await?;
    let Some(before) = client.paid_until(&segments).await? else {
        bail!(
            "this account does not pay for all of {title}, or its time is over; nothing was paid"
        );
    };
    let target = time.target(before, window);
    if !settings.json && !settings.quiet {
        eprintln!("{title}: paid until block {before}, extending it until block {target}");
    }
    let asked = match time {
        Time::Windows(windows) => client.extend_segments(&segments, windows).await,
        Time::Until(block) => client.extend_segments_until(&segments, block).await,
    };
    let extended = asked.map_err(|error| advise(error, target))?;
    let after = extended.iter().map(|one| one.after).min().unwrap_or(before);
    let paid = extended.iter().map(|one| (one.segment, one.after));
    let is_final = super::wait_final(&client, paid, settings).await;
    let added = u64::from(after.saturating_sub(before));
    let doubt = if is_final {
        ""
    } else {
        ". It is not yet final: a fork of the chain may still undo it; `neuro stat` shows it"
    };
    let text = format!(
        "{title}: paid until block {after}, before it was block {before}; about {} more{doubt}",
        blocks(added)
    );
    let windows = match time {
        Time::Windows(windows) => Some(windows),
        Time::Until(_) => None,
    };
    let document = json!({
        "windows": windows,
        "blocks": added,
        "paid_until_before": before,
        "paid_until": after,
        "final": is_final,
    });
    output::print(settings, &document, &text)?;
    client.shutdown().await;
    Ok(())
}

/// Says how to go on without paying twice, where a part may have been paid for.
fn advise(error: AgreementError, target: u32) -> anyhow::Error {
    let is_part_done = matches!(&error, AgreementError::Chain { done, .. } if *done > 0);
    if !is_part_done && !error.is_unsettled() {
        return error.into();
    }
    anyhow::Error::new(error).context(format!(
        "some of it may be paid for: see `neuro stat`. To go on, use --until {target}, which pays \
         only for what is missing then"
    ))
}

/// Says what so many bytes cost.
pub(crate) async fn quote(size: Capacity, windows: u32, settings: &Settings) -> anyhow::Result<()> {
    let windows = super::check_windows(windows)?;
    let chain = super::chain(settings).await?;
    let (window, _) = chain.window_blocks().await?;
    let cost = Cost::quote(&chain, size.0, windows).await?;
    let time = blocks(u64::from(window) * u64::from(windows));
    let text = format!(
        "size      {}\nstored    {} in {} segments, parity and padding included\n\
         time      {windows} windows, about {time}\nrent      {}\ndeposit   {}, returned at the end",
        size,
        Capacity(cost.stored_bytes),
        cost.segments,
        Neuro(cost.rent),
        Neuro(cost.deposit),
    );
    let document = json!({
        "size": size,
        "stored_bytes": cost.stored_bytes,
        "segments": cost.segments,
        "windows": windows,
        "blocks": u64::from(window) * u64::from(windows),
        "rent": cost.rent.to_string(),
        "deposit": cost.deposit.to_string(),
    });
    output::print(settings, &document, &text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Entry;
    use neurostore_client::{ChainError, SegmentId};

    fn named(chain: Option<&str>) -> Named {
        let locator = format!("neuro:{}#{}", "a".repeat(52), "A".repeat(43));
        Named {
            locator: locator.parse().unwrap(),
            entry: chain.map(|chain| Entry {
                name: "film".into(),
                locator,
                segments: Vec::new(),
                size: 1,
                stored_at: 0,
                chain: chain.into(),
            }),
        }
    }

    #[test]
    fn an_object_of_another_chain_is_not_removed() {
        assert!(same_chain(&named(Some("aa")), "aa").is_ok());
        assert!(same_chain(&named(None), "aa").is_ok());
        let error = same_chain(&named(Some("bb")), "aa")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("genesis bb") && error.contains("is kept"),
            "{error}"
        );
    }

    #[test]
    fn more_time_ends_at_a_block() {
        assert_eq!(Time::Windows(3).target(100, 10), 130);
        assert_eq!(Time::Windows(u32::MAX).target(100, 10), u32::MAX);
        assert_eq!(Time::Until(120).target(100, 10), 120);
        assert_eq!(Time::Until(90).target(100, 10), 100);
    }

    #[test]
    fn who_may_have_paid_is_told_how_not_to_pay_twice() {
        let of = |done, error| AgreementError::Chain {
            segment: SegmentId([0; 32]),
            done,
            all: 3,
            error,
        };
        let broke = || ChainError::NotEnoughFunds {
            reason: "empty".into(),
        };
        let unsettled = ChainError::Unsettled {
            call: neurostore_client::CallName::Extend,
            until: 9,
            error: Box::new(broke()),
        };
        for error in [of(0, unsettled), of(1, broke())] {
            let text = format!("{:#}", advise(error, 130));
            assert!(text.contains("--until 130"), "{text}");
        }
        let text = format!("{:#}", advise(of(0, broke()), 130));
        assert!(!text.contains("--until"), "{text}");
    }

    #[test]
    fn an_account_that_does_not_pay_is_named() {
        let dropped = Dropped {
            ended: 1,
            not_ours: vec![SegmentId([1; 32]), SegmentId([2; 32])],
        };
        let text = not_the_payer(&named(Some("aa")), "5Alice", &dropped, 3);
        assert!(
            text.starts_with("account 5Alice does not pay for film: 2 of its 3"),
            "{text}"
        );
        assert!(text.ends_with("is kept"), "{text}");
        assert!(!not_the_payer(&named(None), "5Alice", &dropped, 3).contains("catalogue"));
    }
}
