//! `neuro account`.

use anyhow::Context;
use neurostore_client::{AccountId, ChainKind, Neuro, Signer};
use serde_json::json;

use crate::{args::Account, config::Settings, exit::Usage, output};

/// The account of development chains that has more than it needs.
const DEVELOPMENT_RICH: &str = "Alice";

pub(crate) async fn run(command: Account, settings: &Settings) -> anyhow::Result<()> {
    match command {
        Account::New => new(settings),
        Account::Show => show(settings),
        Account::Balance { account } => balance(account, settings).await,
        Account::Fund {
            account,
            amount,
            from,
        } => {
            let from = from
                .map(Signer::from_file)
                .transpose()
                .context("cannot pay")?;
            fund(account, amount, from, settings).await
        }
    }
}

fn new(settings: &Settings) -> anyhow::Result<()> {
    if settings.key_file.starts_with(&settings.folder) {
        settings.private_folder("")?;
    }
    let signer = Signer::generate_to_file(&settings.key_file)?;
    let path = settings.key_file.display();
    let text = format!(
        "{}\nits key is in {path}: keep a copy in a safe place, nobody can give it back to you",
        signer.account_id()
    );
    let document = json!({
        "account": signer.account_id().to_string(),
        "key_file": settings.key_file,
    });
    output::print(settings, &document, &text)?;
    Ok(())
}

fn show(settings: &Settings) -> anyhow::Result<()> {
    let account = super::signer(settings)?.account_id();
    let document = json!({
        "account": account.to_string(),
        "public_key": format!("0x{}", hex::encode(account.0)),
        "key_file": settings.key_file,
    });
    output::print(settings, &document, &account.to_string())?;
    Ok(())
}

async fn balance(account: Option<String>, settings: &Settings) -> anyhow::Result<()> {
    let account = which(account, settings)?;
    let chain = super::chain(settings).await?;
    let state = chain.account(&account).await?;
    let text = format!(
        "account   {account}\nfree      {}\nheld      {} (rent of open reservations, deposits, bonds)",
        Neuro(state.free.saturating_sub(state.frozen)),
        Neuro(state.held),
    );
    let document = json!({
        "account": account.to_string(),
        "free": state.free.saturating_sub(state.frozen).to_string(),
        "held": state.held.to_string(),
        "frozen": state.frozen.to_string(),
        "nonce": state.nonce,
    });
    output::print(settings, &document, &text)?;
    Ok(())
}

async fn fund(
    account: Option<String>,
    amount: Neuro,
    from: Option<Signer>,
    settings: &Settings,
) -> anyhow::Result<()> {
    let to = which(account, settings)?;
    let chain = super::chain(settings).await?;
    let payer = match from {
        Some(signer) => signer,
        None if chain.kind().await? == ChainKind::Live => {
            let text = "this is a live chain: say with --from who pays";
            return Err(Usage(text.into()).into());
        }
        None => Signer::development(DEVELOPMENT_RICH)?,
    };
    chain.transfer(&payer, &to, amount.0).await?;
    let now = chain.balance(&to).await?;
    let text = format!("{to} has {} now", Neuro(now));
    let document = json!({ "account": to.to_string(), "free": now.to_string() });
    output::print(settings, &document, &text)?;
    Ok(())
}

/// The account that is meant: the one given, or the one of the key file.
fn which(account: Option<String>, settings: &Settings) -> anyhow::Result<AccountId> {
    match account {
        Some(text) => text
            .parse()
            .map_err(|error| Usage(format!("'{text}' is no account: {error}")).into()),
        None => Ok(super::signer(settings)?.account_id()),
    }
}
