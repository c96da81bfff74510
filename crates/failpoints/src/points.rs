//! All of them: a test dies at each, and fails when one is never reached.

/// Defines the points, each by what is done there.
macro_rules! points {
    ($($variant:ident = $name:literal,)*) => {
        /// Something that crosses to a disk, a database or another system.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point { $(#[doc = $name] $variant,)* }

        impl Point {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// What is done there, in words that go on from "could not".
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

points! {
    // Transactions of the store.
    MarkDeed = "mark what a shadow run would have done",
    SeeNotices = "write down which notices were seen",
    ForgetNotices = "forget old notices",
    Join = "join the nodes of the workspace",
    Expel = "take over from a node that is gone",
    ShareSlots = "share slots between nodes",
    Leave = "leave the nodes of the workspace",
    KeepJourney = "keep a journey",
    SaveDraft = "save a draft",
    Publish = "publish a version",
    Promote = "make a shadow version live",
    AskReview = "ask for a review",
    DecideReview = "decide on a review",
    KeepBacktest = "keep a back-test",
    NoteBacktest = "write down how far a back-test has come",
    EndBacktest = "end a back-test",
    ChangeSetting = "change a setting",
    TakeShare = "take the share of a message",
    ForgetMessages = "forget old messages",
    ChangeShare = "write what became of a message",
    Claim = "claim due work",
    Release = "give work back",
    ForgetWork = "remove work nothing waits for",
    Install = "install a connector",
    Uninstall = "uninstall a connector",
    Connect = "make a connection",
    ChangeConnection = "change a connection",
    Disconnect = "delete a connection",
    Remember = "remember a connector's value",
    ForgetValue = "forget a connector's value",
    TakeEvents = "take in events",
    Dispatched = "write down that an event was brought to all",
    React = "write down what came of events",
    BeginMigration = "begin a migration",
    WriteMigrated = "write down what became of instances in a migration",
    FinishMigration = "finish a migration",
    MakeHook = "make a hook",
    DeleteHook = "delete a hook",
    WriteAudit = "write the audit log",
    SealAudit = "seal the audit log",
    MakeUser = "make a user",
    SetPassword = "set a password",
    OpenSession = "open a session",
    CloseSession = "close a session",
    ForgetSessions = "forget expired sessions",
    MakeToken = "make a token",
    RevokeToken = "revoke a token",
    MakeTeam = "make a team",
    UseToken = "mark a token as used",
    MakeAccount = "make an account",
    ImportAccounts = "import accounts",
    ChangeAccount = "change an account",
    TakeKey = "take an idempotency key",
    KeepAnswer = "keep an answer",
    FreeKey = "free an idempotency key",
    ForgetAnswers = "forget old answers",
    MakeCalendar = "make a calendar",
    SaveCalendar = "save a calendar",
    DeleteCalendar = "delete a calendar",
    Commit = "commit a group of steps",
    ChangeUser = "change a user",
    ChangeTeam = "change a team",
    ListTriggers = "list the triggers of all journeys",
    RoundDone = "write down how far a round has come",
    DueNext = "write down when a trigger is due next",
    PlanDates = "plan dates",
    DatesFired = "write down which dates were begun",
    Copy = "copy the workspace",
    MarkMoved = "write down that the workspace was moved",
    // Statements that are transactions of their own.
    Beat = "renew the lease of this node",
    Drain = "drain a node",
    Tell = "tell other nodes",
    Migrate = "bring the database up to date",
    // The outside.
    Call = "call a connector",
    Fetch = "send a request to another system",
    Mail = "hand a message to the mail server",
    Answer = "do what a client asks",
    // Files.
    WriteLoaded = "write a connector that is ready to run",
    NameLoaded = "give a connector that is ready to run its name",
    WriteKey = "write the key of the workspace",
    NameKey = "give the key of the workspace its name",
    BeginPart = "begin a file beside its place",
    EndBackup = "write the end of a backup",
    NameBackup = "give a backup its name",
    NameRestored = "give a restored workspace its name",
}

#[cfg(test)]
mod tests {
    use super::Point;
    use std::collections::BTreeSet;

    #[test]
    fn each_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Point::ALL.iter().map(|point| point.name()).collect();
        assert_eq!(names.len(), Point::ALL.len());
    }
}
