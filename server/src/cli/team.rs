//! `waymark team`: who does tasks together.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use store::{
    Paging,
    directory::{Made, NewTeam, Team, Unknown},
};

use super::{End, Output, check_name, print, walk};
use crate::{config::Place, workspace::Workspace};

/// What can be done with teams.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a team, to which journeys can give tasks.
    Create(Create),
    /// List teams and who is in them.
    List(#[command(flatten)] Place),
}

/// What `team create` takes.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    place: Place,
    /// What journeys call the team.
    name: String,
    /// E-mail address of a user who is in it; may be given several times.
    #[arg(long = "member", value_name = "EMAIL")]
    members: Vec<String>,
    /// E-mail address of the user who leads it.
    #[arg(long)]
    lead: Option<String>,
    /// Name of the calendar whose hours it keeps.
    #[arg(long)]
    calendar: Option<String>,
}

/// Runs a command on teams.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Create(create) => self::create(create, output).await,
        Command::List(place) => list(&place, output).await,
    }
}

async fn create(asked: Create, output: Output) -> Result<End> {
    check_name(&asked.name)?;
    let workspace = Workspace::open(&asked.place).await?;
    let lower = |email: String| email.trim().to_lowercase();
    let members = asked.members.into_iter().map(lower).collect();
    let team = NewTeam {
        name: asked.name,
        members,
        lead: asked.lead.map(lower),
        calendar: asked.calendar,
    };
    match workspace.store.create_team(&team, workspace.clock.now()).await? {
        Made::Made(id) => {
            workspace.audit("team.create", &id).await?;
            print(output, &id.to_string(), &json!({ "id": id.to_string(), "name": team.name }));
            Ok(End::Well)
        }
        Made::Taken => bail!("there is a team '{}' already", team.name),
        Made::Unknown(Unknown::User(email)) => bail!("{email} is no user of the workspace"),
        Made::Unknown(Unknown::Calendar(name)) => {
            bail!("there is no calendar '{name}' in the workspace")
        }
    }
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(place).await?;
    let store = workspace.store.as_ref();
    walk(
        |paging: Paging<_>| store.teams(paging),
        |team: Team| {
            let text = format!("{}\t{}\t{}", team.id, team.name, team.members.join(", "));
            let value = json!({
                "id": team.id.to_string(), "name": team.name, "members": team.members, "lead": team.lead,
                "calendar": team.calendar,
            });
            print(output, &text, &value);
        },
    )
    .await?;
    Ok(End::Well)
}
