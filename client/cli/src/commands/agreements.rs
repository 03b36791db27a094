//! `neuro rm`, `neuro extend` and `neuro quote`.

use neurostore_client::Cost;
use serde_json::json;

use crate::{
    amounts::{blocks, bytes, neuro},
    catalogue::Catalogue,
    config::Settings,
    locators::Named,
    output,
};

/// Ends the agreements of an object and forgets it.
pub(crate) async fn rm(object: &str, settings: &Settings) -> anyhow::Result<()> {
    let named = Named::read(object, settings)?;
    let client = super::payer(settings).await?;
    let segments = super::segments_of(&client, &named).await?;
    let ended = client.drop_segments(&segments).await?;
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
