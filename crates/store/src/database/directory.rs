use super::{Database, Write, calendars::is_calendar};
use crate::sql::{Row, query, query_scalar};
use crate::{
    Directory, Failure, Page, Paging, TeamId, TokenId, UserId,
    directory::{
        ChangedTeam, ChangedUser, Credentials, Made, NewTeam, NewUser, Role, SecretHash, Team,
        TeamChange, Token, Unknown, User, UserChange,
    },
    failure::Doing,
    limits,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::timeout;

const USER: &str =
    "SELECT id, email, name, role, created_at, password_hash FROM users WHERE id = $1";

#[async_trait]
impl Directory for Database {
    async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<Made<UserId>, Failure> {
        let id = self.ids.user(now, self.ids.any_slot());
        let mut tx = self.write().await?;
        let made = query(
            "INSERT INTO users (id, email, name, role, password_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
        )
        .bind(id.number())
        .bind(user.email.to_lowercase())
        .bind(&user.name)
        .bind(user.role.word())
        .bind(&user.password_hash)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("make a user")?;
        tx.commit(Point::MakeUser).await?;
        Ok(if made.rows_affected() == 1 { Made::Made(id) } else { Made::Taken })
    }

    async fn members_of(&self, team: &str) -> Result<Vec<String>, Failure> {
        query_scalar(
            "SELECT m.member FROM team_members m JOIN teams t ON t.id = m.team_id
             WHERE t.name = $1 ORDER BY m.member",
        )
        .bind(team)
        .fetch_all(&self.reader)
        .await
        .doing("list a team's members")
    }

    async fn users(&self, paging: Paging<UserId>) -> Result<Page<User, UserId>, Failure> {
        let doing = "list users";
        let rows = query(
            "SELECT id, email, name, role, created_at FROM users WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(paging.after.map_or(0, UserId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing(doing)?;
        let mut users = rows.iter().map(user).collect::<Result<Vec<_>, _>>()?;
        for user in &mut users {
            user.teams = self.teams_of(&user.email).await?;
        }
        Ok(Page::cut(users, &paging, |user| user.id))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, Failure> {
        let row = query(USER)
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read a user")?;
        self.with_teams(row.as_ref()).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<Credentials>, Failure> {
        let row = query(
            "SELECT id, email, name, role, created_at, password_hash FROM users WHERE email = $1",
        )
        .bind(email.to_lowercase())
        .fetch_optional(&self.reader)
        .await
        .doing("read a user")?;
        let Some(row) = row else { return Ok(None) };
        let password_hash = row.text("password_hash")?;
        let user = self.with_teams(Some(&row)).await?;
        Ok(user.map(|user| Credentials { user, password_hash }))
    }

    async fn change_user(
        &self,
        id: UserId,
        change: &UserChange,
    ) -> Result<Option<ChangedUser>, Failure> {
        self.write_user_change(id, change).await
    }

    async fn set_password(&self, id: UserId, hash: &str) -> Result<bool, Failure> {
        let doing = "set a password";
        let mut tx = self.write().await?;
        let changed = query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id.number())
            .bind(hash)
            .execute(&mut tx)
            .await
            .doing(doing)?;
        query("DELETE FROM sessions WHERE user_id = $1")
            .bind(id.number())
            .execute(&mut tx)
            .await
            .doing(doing)?;
        tx.commit(Point::SetPassword).await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn open_session(
        &self,
        hash: &SecretHash,
        user: UserId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(hash.as_slice())
        .bind(user.number())
        .bind(now.0)
        .bind(expires.0)
        .execute(&mut tx)
        .await
        .doing("open a session")?;
        tx.commit(Point::OpenSession).await
    }

    async fn user_by_session(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure> {
        let row = query(
            "SELECT u.id, u.email, u.name, u.role, u.created_at FROM sessions s
             JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2",
        )
        .bind(hash.as_slice())
        .bind(now.0)
        .fetch_optional(&self.reader)
        .await
        .doing("read a session")?;
        self.with_teams(row.as_ref()).await
    }

    async fn close_session(&self, hash: &SecretHash) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(hash.as_slice())
            .execute(&mut tx)
            .await
            .doing("close a session")?;
        tx.commit(Point::CloseSession).await
    }

    async fn forget_expired_sessions(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut tx = self.write().await?;
        let gone = query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing("forget expired sessions")?;
        tx.commit(Point::ForgetSessions).await?;
        Ok(gone.rows_affected())
    }

    async fn create_token(
        &self,
        user: UserId,
        name: &str,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<TokenId, Failure> {
        let id = self.ids.token(now, self.ids.any_slot());
        let mut tx = self.write().await?;
        query(
            "INSERT INTO tokens (id, user_id, name, token_hash, created_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.number())
        .bind(user.number())
        .bind(name)
        .bind(hash.as_slice())
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("make a token")?;
        tx.commit(Point::MakeToken).await?;
        Ok(id)
    }

    async fn tokens(
        &self,
        user: Option<UserId>,
        paging: Paging<TokenId>,
    ) -> Result<Page<Token, TokenId>, Failure> {
        let rows = query(
            "SELECT t.id, t.name, u.email, t.created_at, t.last_used_at FROM tokens t
             JOIN users u ON u.id = t.user_id
             WHERE t.id > $1 AND ($2 IS NULL OR t.user_id = $2) ORDER BY t.id LIMIT $3",
        )
        .bind(paging.after.map_or(0, TokenId::number))
        .bind(user.map(UserId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list tokens")?;
        let tokens = rows.iter().map(token).collect::<Result<_, _>>()?;
        Ok(Page::cut(tokens, &paging, |token: &Token| token.id))
    }

    async fn user_by_token(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure> {
        let row = query(
            "SELECT u.id, u.email, u.name, u.role, u.created_at, t.id AS token, t.last_used_at FROM tokens t
             JOIN users u ON u.id = t.user_id WHERE t.token_hash = $1",
        )
        .bind(hash.as_slice())
        .fetch_optional(&self.reader)
        .await
        .doing("read a token")?;
        let Some(row) = row else { return Ok(None) };
        let last = row.opt_time("last_used_at")?;
        if last.is_none_or(|last| last.plus(limits::TOKEN_USE_EVERY_MS) <= now) {
            self.mark_used(TokenId::stored(row.int("token")?), now).await;
        }
        self.with_teams(Some(&row)).await
    }

    async fn revoke_token(&self, id: TokenId) -> Result<bool, Failure> {
        let mut tx = self.write().await?;
        let gone = query("DELETE FROM tokens WHERE id = $1")
            .bind(id.number())
            .execute(&mut tx)
            .await
            .doing("revoke a token")?;
        tx.commit(Point::RevokeToken).await?;
        Ok(gone.rows_affected() == 1)
    }

    async fn create_team(&self, team: &NewTeam, now: Timestamp) -> Result<Made<TeamId>, Failure> {
        let id = self.ids.team(now, self.ids.any_slot());
        let mut tx = self.write().await?;
        for member in team.members.iter().chain(&team.lead) {
            if !is_user(&mut tx, member).await? {
                return Ok(Made::Unknown(Unknown::User(member.clone())));
            }
        }
        if let Some(calendar) = &team.calendar
            && !is_calendar(&mut tx, calendar).await?
        {
            return Ok(Made::Unknown(Unknown::Calendar(calendar.clone())));
        }
        let made = query(
            "INSERT INTO teams (id, name, lead, calendar, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(id.number())
        .bind(&team.name)
        .bind(team.lead.as_ref().map(|lead| lead.to_lowercase()))
        .bind(&team.calendar)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("make a team")?;
        if made.rows_affected() == 0 {
            return Ok(Made::Taken);
        }
        add_members(&mut tx, id, &team.members).await?;
        tx.commit(Point::MakeTeam).await?;
        Ok(Made::Made(id))
    }

    async fn change_team(
        &self,
        id: TeamId,
        change: &TeamChange,
    ) -> Result<Option<ChangedTeam>, Failure> {
        self.write_team_change(id, change).await
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, Failure> {
        let before = TeamId::stored(id.number() - 1);
        let found = self.teams(Paging::new(Some(before), 1)).await?;
        Ok(found.items.into_iter().find(|team| team.id == id))
    }

    async fn teams(&self, paging: Paging<TeamId>) -> Result<Page<Team, TeamId>, Failure> {
        let doing = "list teams";
        let rows =
            query("SELECT id, name, lead, calendar FROM teams WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(paging.after.map_or(0, TeamId::number))
                .bind(paging.probe())
                .fetch_all(&self.reader)
                .await
                .doing(doing)?;
        let mut teams = rows.iter().map(team).collect::<Result<Vec<_>, _>>()?;
        let members = query(
            "SELECT team_id, member FROM team_members
             WHERE team_id > $1 AND team_id <= $2 ORDER BY team_id, member",
        )
        .bind(paging.after.map_or(0, TeamId::number))
        .bind(teams.last().map_or(0, |team| team.id.number()))
        .fetch_all(&self.reader)
        .await
        .doing(doing)?;
        let mut by_team: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in &members {
            by_team.entry(row.int("team_id")?).or_default().push(row.text("member")?);
        }
        for team in &mut teams {
            team.members = by_team.remove(&team.id.number()).unwrap_or_default();
        }
        Ok(Page::cut(teams, &paging, |team| team.id))
    }
}

impl Database {
    async fn with_teams(&self, row: Option<&Row>) -> Result<Option<User>, Failure> {
        let Some(row) = row else { return Ok(None) };
        let mut user = user(row)?;
        user.teams = self.teams_of(&user.email).await?;
        Ok(Some(user))
    }

    async fn teams_of(&self, email: &str) -> Result<Vec<String>, Failure> {
        query_scalar(
            "SELECT t.name FROM team_members m JOIN teams t ON t.id = m.team_id
             WHERE m.member = $1 ORDER BY t.name",
        )
        .bind(email)
        .fetch_all(&self.reader)
        .await
        .doing("list a user's teams")
    }

    /// Who reads with a token does not wait long until something can be written.
    async fn mark_used(&self, id: TokenId, now: Timestamp) {
        let Ok(place) = Arc::clone(&self.marking).try_acquire_owned() else { return };
        let writer = self.writer.clone();
        let marking = tokio::spawn(async move {
            let _place = place;
            let mark = query("UPDATE tokens SET last_used_at = $2 WHERE id = $1");
            let mark = mark.bind(id.number()).bind(now.0);
            // It is marked with the next use.
            let _ = mark.execute_alone(&writer, Point::UseToken).await;
        });
        let _ = timeout(limits::MARK, marking).await;
    }
}

pub(super) async fn add_members(
    tx: &mut Write,
    team: TeamId,
    members: &[String],
) -> Result<(), Failure> {
    for member in members {
        query(
            "INSERT INTO team_members (team_id, member) VALUES ($1, $2)
             ON CONFLICT (team_id, member) DO NOTHING",
        )
        .bind(team.number())
        .bind(member.to_lowercase())
        .execute(&mut *tx)
        .await
        .doing("add members to a team")?;
    }
    Ok(())
}

pub(super) async fn is_user(tx: &mut Write, email: &str) -> Result<bool, Failure> {
    let found: Option<i64> = query_scalar("SELECT id FROM users WHERE email = $1")
        .bind(email.to_lowercase())
        .fetch_optional(&mut *tx)
        .await
        .doing("look up a user")?;
    Ok(found.is_some())
}

fn user(row: &Row) -> Result<User, Failure> {
    Ok(User {
        id: UserId::stored(row.int("id")?),
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.word("role", Role::from_word)?,
        teams: Vec::new(),
        created_at: row.time("created_at")?,
    })
}

fn token(row: &Row) -> Result<Token, Failure> {
    Ok(Token {
        id: TokenId::stored(row.int("id")?),
        name: row.text("name")?,
        user: row.text("email")?,
        created_at: row.time("created_at")?,
        last_used_at: row.opt_time("last_used_at")?,
    })
}

fn team(row: &Row) -> Result<Team, Failure> {
    Ok(Team {
        id: TeamId::stored(row.int("id")?),
        name: row.text("name")?,
        members: Vec::new(),
        lead: row.opt_text("lead")?,
        calendar: row.opt_text("calendar")?,
    })
}
