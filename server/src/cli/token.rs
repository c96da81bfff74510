//! `waymark token`: programs that act as a user.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use store::{Paging, TokenId, directory::Token};

use super::{End, Output, check_name, print, user, walk};
use crate::{auth::secret, config::Place, workspace::Workspace};

/// What can be done with tokens.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a token; it is printed once, as the last line.
    Create(Create),
    /// List tokens, without their secrets.
    List(#[command(flatten)] Place),
    /// Revoke a token; it stops working at once.
    Revoke(Revoke),
}

/// What `token create` takes.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    place: Place,
    /// E-mail address of the user the token acts as.
    #[arg(long)]
    user: String,
    /// What the token is for, to know it by in lists.
    #[arg(long)]
    name: String,
}

/// What `token revoke` takes.
#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    place: Place,
    /// Id of the token, `tok_…`.
    id: TokenId,
}

/// Runs a command on tokens.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Create(create) => self::create(create, output).await,
        Command::List(place) => list(&place, output).await,
        Command::Revoke(revoke) => self::revoke(revoke, output).await,
    }
}

async fn create(asked: Create, output: Output) -> Result<End> {
    check_name(&asked.name)?;
    let workspace = Workspace::open(&asked.place).await?;
    let user = user::find(workspace.store.as_ref(), &asked.user).await?;
    let token = secret::generate(secret::TOKEN_PREFIX).context("the system gives no randomness")?;
    let now = workspace.clock.now();
    let hash = secret::hash(&token);
    let id = workspace.store.create_token(user.id, &asked.name, &hash, now).await?;
    workspace.audit("token.create", &id).await?;
    print(output, &token, &json!({ "id": id.to_string(), "token": token }));
    Ok(End::Well)
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(place).await?;
    let store = workspace.store.as_ref();
    walk(
        |paging: Paging<_>| store.tokens(None, paging),
        |token: Token| {
            let text = format!("{}\t{}\t{}", token.id, token.user, token.name);
            let value =
                json!({ "id": token.id.to_string(), "name": token.name, "user": token.user });
            print(output, &text, &value);
        },
    )
    .await?;
    Ok(End::Well)
}

async fn revoke(asked: Revoke, output: Output) -> Result<End> {
    let id = asked.id;
    let workspace = Workspace::open(&asked.place).await?;
    if !workspace.store.revoke_token(id).await? {
        bail!("there is no token {id}");
    }
    workspace.audit("token.revoke", &id).await?;
    print(output, &format!("{id} is revoked"), &json!({ "id": id.to_string() }));
    Ok(End::Well)
}
