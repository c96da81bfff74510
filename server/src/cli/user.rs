//! `waymark user`: who may sign in.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use store::{
    Paging, Store,
    directory::{Made, NewUser, Role, User},
};

use super::{End, Output, check_name, print, read_password, walk};
use crate::{auth::password, config::Place, http::users::check_email, workspace::Workspace};

/// What can be done with users.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Let someone sign in.
    Create(Create),
    /// List who may sign in.
    List(#[command(flatten)] Place),
    /// Give a user a new password and sign them out everywhere.
    ResetPassword(ResetPassword),
}

/// What `user create` takes.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    place: Place,
    /// What the user signs in with.
    #[arg(long)]
    email: String,
    /// What the user may do.
    #[arg(long)]
    role: RoleName,
    /// Name that others see; the e-mail address when left out.
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// What `user reset-password` takes.
#[derive(Args)]
pub(crate) struct ResetPassword {
    #[command(flatten)]
    place: Place,
    /// What the user signs in with.
    #[arg(long)]
    email: String,
    /// Read the password from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
}

/// A role by name.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Admin,
    Designer,
    Member,
}

/// Runs a command on users.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Create(create) => self::create(create, output).await,
        Command::List(place) => list(&place, output).await,
        Command::ResetPassword(reset) => reset_password(reset, output).await,
    }
}

async fn create(asked: Create, output: Output) -> Result<End> {
    if check_email("", &asked.email).is_err() {
        bail!("'{}' is not an e-mail address", asked.email);
    }
    if let Some(name) = &asked.name {
        check_name(name)?;
    }
    let email = asked.email.trim().to_lowercase();
    let user = NewUser {
        name: asked.name.unwrap_or_else(|| email.clone()),
        password_hash: hash(&read_password()?)?,
        role: match asked.role {
            RoleName::Admin => Role::Admin,
            RoleName::Designer => Role::Designer,
            RoleName::Member => Role::Member,
        },
        email,
    };
    let workspace = Workspace::open(&asked.place).await?;
    match workspace.store.create_user(&user, workspace.clock.now()).await? {
        Made::Made(id) => {
            workspace.audit("user.create", &id).await?;
            let text = format!("{id} {}", user.email);
            print(output, &text, &json!({ "id": id.to_string(), "email": user.email }));
            Ok(End::Well)
        }
        Made::Taken | Made::Unknown(_) => bail!("{} is a user already", user.email),
    }
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(place).await?;
    let store = workspace.store.as_ref();
    walk(
        |paging: Paging<_>| store.users(paging),
        |user: User| {
            let text = format!("{}\t{}\t{}\t{}", user.id, user.role.word(), user.email, user.name);
            let value = json!({
                "id": user.id.to_string(), "email": user.email, "name": user.name,
                "role": user.role.word(), "teams": user.teams,
            });
            print(output, &text, &value);
        },
    )
    .await?;
    Ok(End::Well)
}

async fn reset_password(asked: ResetPassword, output: Output) -> Result<End> {
    let hash = hash(&read_password()?)?;
    let workspace = Workspace::open(&asked.place).await?;
    let user = find(workspace.store.as_ref(), &asked.email).await?;
    workspace.store.set_password(user.id, &hash).await?;
    workspace.audit("user.change", &user.id).await?;
    print(output, &format!("{} has a new password", user.email), &json!({ "email": user.email }));
    Ok(End::Well)
}

/// The user with this e-mail address.
pub(crate) async fn find(store: &dyn Store, email: &str) -> Result<User> {
    let found = store.user_by_email(email.trim()).await?;
    Ok(found.with_context(|| format!("there is no user {email}"))?.user)
}

fn hash(password: &str) -> Result<String> {
    if let Some(weakness) = password::weakness(password) {
        bail!("the password is too weak: {weakness}");
    }
    password::hash_now(password).context("the password could not be hashed")
}
