use super::{Kept as Everything, Memory, after, clash, page};
use crate::{
    Directory, Failure, Page, Paging, TeamId, TokenId, UserId,
    directory::{
        ChangedTeam, ChangedUser, Credentials, Made, NewTeam, NewUser, Role, SecretHash, Team,
        TeamChange, Token, User, UserChange,
    },
    limits,
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Their teams are put in when they are read.
    users: BTreeMap<UserId, Credentials>,
    by_email: BTreeMap<String, UserId>,
    sessions: BTreeMap<SecretHash, Session>,
    tokens: BTreeMap<TokenId, TokenRow>,
    by_hash: BTreeMap<SecretHash, TokenId>,
}

#[derive(Debug)]
struct Session {
    user: UserId,
    expires: Timestamp,
}

#[derive(Debug)]
struct TokenRow {
    user: UserId,
    name: String,
    hash: SecretHash,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

#[async_trait]
impl Directory for Memory {
    async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<Made<UserId>, Failure> {
        let id = self.ids.user(now, self.ids.any_slot());
        let directory = &mut self.to_write()?.directory;
        let NewUser { name, role, password_hash, .. } = user.clone();
        let email = user.email.to_lowercase();
        if directory.by_email.contains_key(&email) {
            return Ok(Made::Taken);
        }
        directory.by_email.insert(email.clone(), id);
        let user = User { id, email, name, role, teams: Vec::new(), created_at: now };
        directory.users.insert(id, Credentials { user, password_hash });
        Ok(Made::Made(id))
    }

    async fn members_of(&self, team: &str) -> Result<Vec<String>, Failure> {
        Ok(self.kept().teams.members_of(team))
    }

    async fn users(&self, paging: Paging<UserId>) -> Result<Page<User, UserId>, Failure> {
        let kept = self.kept();
        let ids = kept.directory.users.range(after(paging.after));
        Ok(page(ids.filter_map(|(id, _)| kept.user(*id)), &paging, |user| user.id))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, Failure> {
        Ok(self.kept().user(id))
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<Credentials>, Failure> {
        let kept = self.kept();
        let id = kept.directory.by_email.get(&email.to_lowercase());
        Ok(id.and_then(|id| {
            let password_hash = kept.directory.users[id].password_hash.clone();
            Some(Credentials { user: kept.user(*id)?, password_hash })
        }))
    }

    async fn change_user(
        &self,
        id: UserId,
        change: &UserChange,
    ) -> Result<Option<ChangedUser>, Failure> {
        let kept = &mut *self.to_write()?;
        if change.role.is_some_and(|role| role != Role::Admin) && kept.directory.is_last_admin(id) {
            return Ok(Some(ChangedUser::LastAdmin));
        }
        let UserChange { name, role, password_hash } = change.clone();
        if let Some(row) = kept.directory.users.get_mut(&id) {
            row.user.name = name.unwrap_or(row.user.name.clone());
            row.user.role = role.unwrap_or(row.user.role);
        }
        if let Some(hash) = password_hash {
            kept.directory.set_password(id, hash);
        }
        Ok(kept.user(id).map(ChangedUser::User))
    }

    async fn set_password(&self, id: UserId, hash: &str) -> Result<bool, Failure> {
        Ok(self.kept().directory.set_password(id, hash.to_owned()))
    }

    async fn open_session(
        &self,
        hash: &SecretHash,
        user: UserId,
        _now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let sessions = &mut self.to_write()?.directory.sessions;
        if sessions.contains_key(hash) {
            return Err(clash("open a session"));
        }
        sessions.insert(*hash, Session { user, expires });
        Ok(())
    }

    async fn user_by_session(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure> {
        let kept = self.kept();
        let session = kept.directory.sessions.get(hash).filter(|session| session.expires > now);
        Ok(session.and_then(|session| kept.user(session.user)))
    }

    async fn close_session(&self, hash: &SecretHash) -> Result<(), Failure> {
        self.kept().directory.sessions.remove(hash);
        Ok(())
    }

    async fn forget_expired_sessions(&self, now: Timestamp) -> Result<u64, Failure> {
        let sessions = &mut self.to_write()?.directory.sessions;
        let many = sessions.len();
        sessions.retain(|_, session| session.expires > now);
        Ok((many - sessions.len()) as u64)
    }

    async fn create_token(
        &self,
        user: UserId,
        name: &str,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<TokenId, Failure> {
        let id = self.ids.token(now, self.ids.any_slot());
        let directory = &mut self.to_write()?.directory;
        if directory.by_hash.contains_key(hash) {
            return Err(clash("make a token"));
        }
        let (name, hash) = (name.to_owned(), *hash);
        let row = TokenRow { user, name, hash, created_at: now, last_used_at: None };
        directory.by_hash.insert(hash, id);
        directory.tokens.insert(id, row);
        Ok(id)
    }

    async fn tokens(
        &self,
        user: Option<UserId>,
        paging: Paging<TokenId>,
    ) -> Result<Page<Token, TokenId>, Failure> {
        let directory = &self.kept().directory;
        let rows = directory.tokens.range(after(paging.after));
        let rows = rows.filter(|(_, row)| user.is_none_or(|user| row.user == user));
        let tokens = rows.filter_map(|(id, row)| {
            Some(Token {
                id: *id,
                name: row.name.clone(),
                user: directory.users.get(&row.user)?.user.email.clone(),
                created_at: row.created_at,
                last_used_at: row.last_used_at,
            })
        });
        Ok(page(tokens, &paging, |token| token.id))
    }

    async fn user_by_token(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, Failure> {
        let kept = &mut *self.to_write()?;
        let id = kept.directory.by_hash.get(hash);
        let row = id.and_then(|id| kept.directory.tokens.get_mut(id));
        let Some(row) = row.filter(|row| kept.directory.users.contains_key(&row.user)) else {
            return Ok(None);
        };
        if row.last_used_at.is_none_or(|last| last.plus(limits::TOKEN_USE_EVERY_MS) <= now) {
            row.last_used_at = Some(now);
        }
        let user = row.user;
        Ok(kept.user(user))
    }

    async fn revoke_token(&self, id: TokenId) -> Result<bool, Failure> {
        let directory = &mut self.to_write()?.directory;
        let row = directory.tokens.remove(&id);
        Ok(row.is_some_and(|row| directory.by_hash.remove(&row.hash).is_some()))
    }

    async fn create_team(&self, team: &NewTeam, now: Timestamp) -> Result<Made<TeamId>, Failure> {
        let id = self.ids.team(now, self.ids.any_slot());
        Ok(self.kept().create_team(id, team))
    }

    async fn change_team(
        &self,
        id: TeamId,
        change: &TeamChange,
    ) -> Result<Option<ChangedTeam>, Failure> {
        Ok(self.kept().change_team(id, change))
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, Failure> {
        Ok(self.kept().teams.get(id))
    }

    async fn teams(&self, paging: Paging<TeamId>) -> Result<Page<Team, TeamId>, Failure> {
        Ok(self.kept().teams.list(&paging))
    }
}

impl Everything {
    fn user(&self, id: UserId) -> Option<User> {
        let user = self.directory.users.get(&id)?.user.clone();
        Some(User { teams: self.teams.of(&user.email), ..user })
    }
}

impl Kept {
    pub(super) fn is_user(&self, email: &str) -> bool {
        self.by_email.contains_key(&email.to_lowercase())
    }

    /// Signs the user out everywhere as well. Whether there is such a user.
    fn set_password(&mut self, id: UserId, hash: String) -> bool {
        self.sessions.retain(|_, session| session.user != id);
        let Some(row) = self.users.get_mut(&id) else { return false };
        row.password_hash = hash;
        true
    }

    fn is_last_admin(&self, id: UserId) -> bool {
        let mut admins = self.users.values().filter(|row| row.user.role == Role::Admin);
        admins.next().is_some_and(|admin| admin.user.id == id) && admins.next().is_none()
    }
}
