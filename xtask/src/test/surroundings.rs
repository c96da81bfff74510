//! What tests find around them: the programs they start, a browser, a database, and where each of it is.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use super::binary;
use super::cluster::{self, Cluster};
use crate::command::announce;
use crate::workspace::Workspace;
use crate::{connectors, messages, pictures, setup};

/// Variables of the environment tests run in, for as long as the database they name is there.
pub(crate) struct Surroundings {
    variables: [(&'static str, OsString); 9],
    _cluster: Cluster,
}

impl Surroundings {
    /// Sets up what is missing and starts the database.
    pub(crate) fn set_up(workspace: &Workspace) -> Result<Self> {
        announce("setting up");
        let chromium = setup::chromium()?;
        let axe = setup::axe(workspace)?;
        let cluster = Cluster::start_for_tests(&setup::postgres()?)?;
        let schemathesis = setup::schemathesis(workspace)?;
        let variables = [
            ("WAYMARK_BIN", binary(workspace, "waymark").into()),
            ("MOCK_SYSTEMS_BIN", binary(workspace, "mock-systems").into()),
            ("WAYMARK_CONNECTORS_DIR", connectors::folder(workspace).into()),
            ("WAYMARK_CHROMIUM", chromium.into()),
            (setup::AXE, axe.into()),
            (cluster::ADDRESS, cluster.address().into()),
            (setup::SCHEMATHESIS, schemathesis.into()),
            ("WAYMARK_SCREENSHOTS", pictures::folder(workspace).into()),
            ("WAYMARK_PSEUDO_LANGUAGE", messages::write_pseudo(workspace)?.into()),
        ];
        Ok(Self { variables, _cluster: cluster })
    }

    /// Lets tests find all of it.
    pub(crate) fn around(&self, tests: &mut Command) {
        tests.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}
