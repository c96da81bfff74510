//! Changes of users and teams, each in one transaction that also holds what must stay true.

use super::{
    Database, Write,
    calendars::is_calendar,
    directory::{add_members, is_user},
};
use crate::sql::{query, query_scalar};
use crate::{
    Directory, Failure, TeamId, UserId,
    directory::{ChangedTeam, ChangedUser, Named, Role, TeamChange, Unknown, UserChange},
    failure::Doing,
};
use failpoints::Point;

impl Database {
    pub(super) async fn write_user_change(
        &self,
        id: UserId,
        change: &UserChange,
    ) -> Result<Option<ChangedUser>, Failure> {
        let doing = "change a user";
        let mut tx = self.write().await?;
        if let Some(role) = change.role
            && role != Role::Admin
            && is_last_admin(&mut tx, id).await?
        {
            return Ok(Some(ChangedUser::LastAdmin));
        }
        query(
            "UPDATE users SET name = COALESCE($2, name), role = COALESCE($3, role),
                password_hash = COALESCE($4, password_hash) WHERE id = $1",
        )
        .bind(id.number())
        .bind(&change.name)
        .bind(change.role.map(Role::word))
        .bind(&change.password_hash)
        .execute(&mut tx)
        .await
        .doing(doing)?;
        if change.password_hash.is_some() {
            query("DELETE FROM sessions WHERE user_id = $1")
                .bind(id.number())
                .execute(&mut tx)
                .await
                .doing(doing)?;
        }
        tx.commit(Point::ChangeUser).await?;
        Ok(self.user(id).await?.map(ChangedUser::User))
    }

    pub(super) async fn write_team_change(
        &self,
        id: TeamId,
        change: &TeamChange,
    ) -> Result<Option<ChangedTeam>, Failure> {
        let doing = "change a team";
        let mut tx = self.write().await?;
        let found: Option<i64> = query_scalar("SELECT id FROM teams WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&mut tx)
            .await
            .doing(doing)?;
        if found.is_none() {
            return Ok(None);
        }
        for person in change.members.iter().flatten().chain(change.lead.name()) {
            if !is_user(&mut tx, person).await? {
                return Ok(Some(ChangedTeam::Unknown(Unknown::User(person.clone()))));
            }
        }
        if let Some(calendar) = change.calendar.name()
            && !is_calendar(&mut tx, calendar).await?
        {
            return Ok(Some(ChangedTeam::Unknown(Unknown::Calendar(calendar.clone()))));
        }
        query(
            "UPDATE teams SET lead = CASE WHEN $2 = 1 THEN lead ELSE $3 END,
             calendar = CASE WHEN $4 = 1 THEN calendar ELSE $5 END WHERE id = $1",
        )
        .bind(id.number())
        .bind(i64::from(change.lead == Named::Stays))
        .bind(change.lead.name().map(|lead| lead.to_lowercase()))
        .bind(i64::from(change.calendar == Named::Stays))
        .bind(change.calendar.name())
        .execute(&mut tx)
        .await
        .doing(doing)?;
        if let Some(members) = &change.members {
            query("DELETE FROM team_members WHERE team_id = $1")
                .bind(id.number())
                .execute(&mut tx)
                .await
                .doing(doing)?;
            add_members(&mut tx, id, members).await?;
        }
        tx.commit(Point::ChangeTeam).await?;
        Ok(self.team(id).await?.map(ChangedTeam::Team))
    }
}

async fn is_last_admin(tx: &mut Write, id: UserId) -> Result<bool, Failure> {
    let admins: Vec<i64> = query_scalar("SELECT id FROM users WHERE role = $1 LIMIT 2")
        .bind(Role::Admin.word())
        .fetch_all(&mut *tx)
        .await
        .doing("count administrators")?;
    Ok(admins == [id.number()])
}
