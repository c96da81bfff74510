//! The real customers of the example data, read and judged here without the product's help.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::server::Server;
use crate::stage::root;

/// How many customers the table has.
pub const CUSTOMERS: u64 = 7_043;

/// A customer as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Customer {
    /// Their number.
    pub id: String,
    /// What the example's mapping must make of them, by the rule its README states.
    pub segment: &'static str,
}

/// The table.
pub fn table() -> PathBuf {
    root().join("examples/data/telco-customers.csv")
}

/// Every customer, in the table's order.
pub fn customers() -> Result<Vec<Customer>> {
    let mut reader = csv::Reader::from_path(table())?;
    let heading = reader.headers()?.clone();
    let column = |name: &str| {
        heading.iter().position(|one| one == name).with_context(|| format!("no column {name}"))
    };
    let (id, charges) = (column("customerID")?, column("MonthlyCharges")?);
    let (contract, tenure) = (column("Contract")?, column("tenure")?);
    reader
        .records()
        .map(|record| {
            let record = record?;
            let is_new = record[tenure].parse::<u32>()? < 12;
            let segment = if record[charges].parse::<f64>()? >= 90.0 {
                "high-value"
            } else if &record[contract] == "Month-to-month" && is_new {
                "at-risk"
            } else {
                "standard"
            };
            Ok(Customer { id: record[id].to_owned(), segment })
        })
        .collect()
}

/// Imports a table of customers beside the running server and gives what the command says of it.
pub fn import(server: &Server, table: &Path) -> Result<Value> {
    let mapping = root().join("examples/data/telco-accounts.json");
    let (table, mapping) = (table.display().to_string(), mapping.display().to_string());
    let output =
        server.command(&["import", "accounts", &table, "--mapping", &mapping, "--json"])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
