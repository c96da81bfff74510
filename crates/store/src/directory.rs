//! Who may sign in: users, their sessions, tokens and teams.

use crate::{Failure, Page, Paging, TeamId, TokenId, UserId, words};
use async_trait::async_trait;
use journey::Timestamp;

words! {
    /// What a user may do; each role may do all that the ones after it may.
    Role { Admin = "admin", Designer = "designer", Member = "member", }
}

/// A user, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// In lower case.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Names of the teams the user is in.
    pub teams: Vec<String>,
    pub created_at: Timestamp,
}

/// A user to be. The address is kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password_hash: String,
}

/// A user and what proves it is them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

/// SHA-256 of a session's or a token's secret.
pub type SecretHash = [u8; 32];

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    /// E-mail address of the user it acts as.
    pub user: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A team; members and lead are e-mail addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub members: Vec<String>,
    pub lead: Option<String>,
    /// The name of the calendar whose hours it keeps.
    pub calendar: Option<String>,
}

/// A team to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTeam {
    pub name: String,
    pub members: Vec<String>,
    pub lead: Option<String>,
    /// The name of the calendar whose hours it keeps.
    pub calendar: Option<String>,
}

/// What is to change of a user; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    pub name: Option<String>,
    pub role: Option<Role>,
    /// Signs the user out everywhere.
    pub password_hash: Option<String>,
}

/// What is to change of a team; what is `None` stays. Its name stays: journeys name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TeamChange {
    pub members: Option<Vec<String>>,
    pub lead: Named,
    pub calendar: Named,
}

/// Whom or what something names from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Named {
    #[default]
    Stays,
    Nothing,
    Is(String),
}

impl Named {
    /// The new name, if there is one.
    pub fn name(&self) -> Option<&String> {
        match self {
            Self::Stays | Self::Nothing => None,
            Self::Is(name) => Some(name),
        }
    }
}

/// What a name was given for, and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    User(String),
    Calendar(String),
}

/// What became of changing a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedUser {
    User(User),
    /// Nobody could run the workspace any more; nothing was changed.
    LastAdmin,
}

/// What became of changing a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedTeam {
    Team(Team),
    /// Nothing was changed.
    Unknown(Unknown),
}

/// What became of making something that has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made<T> {
    Made(T),
    /// The name or address is taken; nothing was made.
    Taken,
    /// Nothing was made.
    Unknown(Unknown),
}

/// Users, sessions, tokens and teams.
#[async_trait]
pub trait Directory {
    async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<Made<UserId>, Failure>;

    /// Addresses of a team's members, in order; none when there is no such team.
    async fn members_of(&self, team: &str) -> Result<Vec<String>, Failure>;

    /// Oldest first.
    async fn users(&self, paging: Paging<UserId>) -> Result<Page<User, UserId>, Failure>;

    async fn user(&self, id: UserId) -> Result<Option<User>, Failure>;

    async fn user_by_email(&self, email: &str) -> Result<Option<Credentials>, Failure>;

    /// `None` when there is no such user.
    async fn change_user(
        &self,
        id: UserId,
        change: &UserChange,
    ) -> Result<Option<ChangedUser>, Failure>;

    /// Signs the user out everywhere as well. Whether there is such a user.
    async fn set_password(&self, id: UserId, hash: &str) -> Result<bool, Failure>;

    async fn open_session(
        &self,
        hash: &SecretHash,
        user: UserId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), Failure>;

    async fn user_by_session(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure>;

    async fn close_session(&self, hash: &SecretHash) -> Result<(), Failure>;

    async fn forget_expired_sessions(&self, now: Timestamp) -> Result<u64, Failure>;

    async fn create_token(
        &self,
        user: UserId,
        name: &str,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<TokenId, Failure>;

    /// Oldest first; of one user, or of all.
    async fn tokens(
        &self,
        user: Option<UserId>,
        paging: Paging<TokenId>,
    ) -> Result<Page<Token, TokenId>, Failure>;

    /// Also writes down that the token was used, at most once a minute.
    async fn user_by_token(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure>;

    /// Whether there was such a token.
    async fn revoke_token(&self, id: TokenId) -> Result<bool, Failure>;

    async fn create_team(&self, team: &NewTeam, now: Timestamp) -> Result<Made<TeamId>, Failure>;

    /// `None` when there is no such team.
    async fn change_team(
        &self,
        id: TeamId,
        change: &TeamChange,
    ) -> Result<Option<ChangedTeam>, Failure>;

    async fn team(&self, id: TeamId) -> Result<Option<Team>, Failure>;

    /// Oldest first.
    async fn teams(&self, paging: Paging<TeamId>) -> Result<Page<Team, TeamId>, Failure>;
}
