//! `neuro rm`, `neuro extend` and `neuro quote`.

use anyhow::bail;
use neurostore_client::{Cost, Dropped};
use serde_json::json;

use crate::{
    amounts::{blocks, bytes, neuro},
    catalogue::Catalogue,
    config::Settings,
    exit::Usage,
    locators::Named,
    output,
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

/// Pays for more windows of every segment of an object.
pub(crate) async fn extend(object: &str, windows: u32, settings: &Settings) -> anyhow::Result<()> {
    let windows = super::check_windows(windows)?;
    let named = Named::read(object, settings)?;
    let client = super::payer(settings).await?;
    let segments = super::segments_of(&client, &named).await?;
    client.extend_segments(&segments, windows).await?;
    let (window, _) = client.chain().window_blocks().await?;
    let added = u64::from(window) * u64::from(windows);
    let text = format!(
        "{}: paid for {windows} more windows, about {}",
        super::title(&named),
        blocks(added)
    );
    output::print(
        settings,
        &json!({ "windows": windows, "blocks": added }),
        &text,
    )?;
    client.shutdown().await;
    Ok(())
}

/// Says what so many bytes cost.
pub(crate) async fn quote(size: u64, windows: u32, settings: &Settings) -> anyhow::Result<()> {
    let windows = super::check_windows(windows)?;
    let chain = super::chain(settings).await?;
    let (window, _) = chain.window_blocks().await?;
    let cost = Cost::quote(&chain, size, windows).await?;
    let time = blocks(u64::from(window) * u64::from(windows));
    let text = format!(
        "size      {}\nstored    {} in {} segments, parity and padding included\n\
         time      {windows} windows, about {time}\nrent      {}\ndeposit   {}, returned at the end",
        bytes(size),
        bytes(cost.stored_bytes),
        cost.segments,
        neuro(cost.rent),
        neuro(cost.deposit),
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
    use neurostore_client::SegmentId;

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
