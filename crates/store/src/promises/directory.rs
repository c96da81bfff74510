use super::NOW;
use crate::{
    Paging, Store, TeamId, UserId,
    directory::{
        ChangedTeam, ChangedUser, Made, Named, NewTeam, NewUser, Role, TeamChange, Unknown,
        UserChange,
    },
};

async fn a_user(store: &dyn Store, email: &str) -> UserId {
    let user = NewUser {
        email: email.to_owned(),
        name: "Ada".to_owned(),
        role: Role::Designer,
        password_hash: "hash".to_owned(),
    };
    match store.create_user(&user, NOW).await.unwrap() {
        Made::Made(id) => id,
        other @ (Made::Taken | Made::Unknown(_)) => panic!("{other:?}"),
    }
}

pub(crate) async fn an_address_is_taken_in_any_case(store: &dyn Store) {
    let id = a_user(store, "Ada@x.y").await;
    let again = NewUser {
        email: "ada@X.Y".to_owned(),
        name: "Other".to_owned(),
        role: Role::Admin,
        password_hash: "other".to_owned(),
    };
    assert_eq!(store.create_user(&again, NOW).await.unwrap(), Made::Taken);
    let found = store.user_by_email("ADA@x.y").await.unwrap().unwrap();
    assert_eq!(
        (found.user.id, found.user.role, found.password_hash.as_str()),
        (id, Role::Designer, "hash")
    );
    assert_eq!(found.user.email, "ada@x.y");
    assert_eq!(store.user_by_email("bob@x.y").await.unwrap(), None);
    assert_eq!(store.users(Paging::first(9)).await.unwrap().items, [found.user]);
}

pub(crate) async fn a_session_ends(store: &dyn Store) {
    let id = a_user(store, "ada@x.y").await;
    let hash = [7; 32];
    store.open_session(&hash, id, NOW, NOW.plus(100)).await.unwrap();
    let user = store.user_by_session(&hash, NOW.plus(99)).await.unwrap();
    assert_eq!(user.map(|user| user.id), Some(id));
    assert_eq!(store.user_by_session(&hash, NOW.plus(100)).await.unwrap(), None);
    assert_eq!(store.user_by_session(&[8; 32], NOW).await.unwrap(), None);
    assert_eq!(store.forget_expired_sessions(NOW.plus(99)).await.unwrap(), 0);
    store.close_session(&hash).await.unwrap();
    assert_eq!(store.user_by_session(&hash, NOW).await.unwrap(), None);
}

pub(crate) async fn a_token_is_used_and_revoked(store: &dyn Store) {
    let id = a_user(store, "ada@x.y").await;
    let hash = [9; 32];
    let token = store.create_token(id, "ci", &hash, NOW).await.unwrap();
    let listed = store.tokens(Some(id), Paging::first(9)).await.unwrap().items;
    assert_eq!((listed[0].user.as_str(), listed[0].last_used_at), ("ada@x.y", None));
    assert!(store.user_by_token(&hash, NOW.plus(1)).await.unwrap().is_some());
    assert!(store.user_by_token(&hash, NOW.plus(2)).await.unwrap().is_some());
    let listed = store.tokens(None, Paging::first(9)).await.unwrap().items;
    assert_eq!(listed[0].last_used_at, Some(NOW.plus(1)), "written at most once a minute");
    assert!(store.revoke_token(token).await.unwrap());
    assert!(!store.revoke_token(token).await.unwrap());
    assert_eq!(store.user_by_token(&hash, NOW).await.unwrap(), None);
}

pub(crate) async fn a_team_needs_users(store: &dyn Store) {
    let ada = a_user(store, "ada@x.y").await;
    a_user(store, "bob@x.y").await;
    let team = |name: &str, members: &[&str]| NewTeam {
        name: name.to_owned(),
        members: members.iter().map(|&member| member.to_owned()).collect(),
        lead: Some("Bob@x.y".to_owned()),
        calendar: None,
    };
    let unknown = store.create_team(&team("CS", &["ada@x.y", "eve@x.y"]), NOW).await.unwrap();
    assert_eq!(unknown, Made::Unknown(Unknown::User("eve@x.y".to_owned())));
    let made = store.create_team(&team("CS", &["ada@x.y", "ADA@x.y"]), NOW).await.unwrap();
    assert!(matches!(made, Made::Made(_)));
    assert_eq!(store.create_team(&team("CS", &[]), NOW).await.unwrap(), Made::Taken);
    store.create_team(&team("Ops", &["bob@x.y", "ada@x.y"]), NOW).await.unwrap();
    assert_eq!(store.user(ada).await.unwrap().unwrap().teams, ["CS", "Ops"]);
    let first = store.teams(Paging::first(1)).await.unwrap();
    assert_eq!(
        (first.items[0].name.as_str(), first.items[0].members.as_slice()),
        ("CS", ["ada@x.y".to_owned()].as_slice())
    );
    let second = store.teams(Paging::new(first.next, 1)).await.unwrap();
    assert_eq!((second.items[0].members.len(), second.next), (2, None));
}

pub(crate) async fn a_new_password_signs_out_everywhere(store: &dyn Store) {
    let id = a_user(store, "ada@x.y").await;
    store.open_session(&[1; 32], id, NOW, NOW.plus(100)).await.unwrap();
    assert!(store.set_password(id, "new").await.unwrap());
    assert_eq!(store.user_by_session(&[1; 32], NOW).await.unwrap(), None);
    assert_eq!(store.user_by_email("ada@x.y").await.unwrap().unwrap().password_hash, "new");
}

pub(crate) async fn a_user_is_changed_and_an_administrator_stays(store: &dyn Store) {
    let role = |role| UserChange { role: Some(role), ..UserChange::default() };
    let ada = a_user(store, "ada@x.y").await;
    let bob = a_user(store, "bob@x.y").await;
    store.change_user(ada, &role(Role::Admin)).await.unwrap();
    let refused = store.change_user(ada, &role(Role::Member)).await.unwrap();
    assert_eq!(refused, Some(ChangedUser::LastAdmin));
    store.change_user(bob, &role(Role::Admin)).await.unwrap();
    store.open_session(&[1; 32], ada, NOW, NOW.plus(100)).await.unwrap();
    let change = UserChange {
        name: Some("Ada L.".to_owned()),
        password_hash: Some("new".to_owned()),
        ..role(Role::Member)
    };
    let Some(ChangedUser::User(user)) = store.change_user(ada, &change).await.unwrap() else {
        panic!("another administrator stays")
    };
    assert_eq!((user.name.as_str(), user.role), ("Ada L.", Role::Member));
    assert_eq!(store.user_by_email("ada@x.y").await.unwrap().unwrap().password_hash, "new");
    assert_eq!(store.user_by_session(&[1; 32], NOW).await.unwrap(), None);
    let nobody = store.change_user(UserId::stored(1), &UserChange::default()).await.unwrap();
    assert_eq!(nobody, None);
}

pub(crate) async fn a_team_is_changed_whole_or_not_at_all(store: &dyn Store) {
    a_user(store, "ada@x.y").await;
    let bob = a_user(store, "bob@x.y").await;
    let team = NewTeam {
        name: "CS".to_owned(),
        members: vec!["ada@x.y".to_owned()],
        lead: Some("ada@x.y".to_owned()),
        calendar: None,
    };
    let Made::Made(id) = store.create_team(&team, NOW).await.unwrap() else {
        panic!("the first is made")
    };
    let before = store.team(id).await.unwrap().unwrap();
    let unknown = TeamChange {
        members: Some(vec!["eve@x.y".to_owned()]),
        lead: Named::Nothing,
        ..TeamChange::default()
    };
    let refused = store.change_team(id, &unknown).await.unwrap();
    assert_eq!(refused, Some(ChangedTeam::Unknown(Unknown::User("eve@x.y".to_owned()))));
    assert_eq!(store.team(id).await.unwrap(), Some(before));
    let change = TeamChange {
        members: Some(vec!["Bob@x.y".to_owned()]),
        lead: Named::Nothing,
        ..TeamChange::default()
    };
    let Some(ChangedTeam::Team(team)) = store.change_team(id, &change).await.unwrap() else {
        panic!("bob is a user")
    };
    assert_eq!((team.members, team.lead), (vec!["bob@x.y".to_owned()], None));
    assert_eq!(store.user(bob).await.unwrap().unwrap().teams, ["CS"]);
    assert_eq!(store.change_team(TeamId::stored(1), &change).await.unwrap(), None);
}
