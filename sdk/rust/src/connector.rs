use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bindings::waymark::connector::call;
use crate::manifest::{HttpNeed, Manifest, Needs, OperationManifest, SecretNeed};
use crate::{Call, Failure, FailureKind};

type Handler<C> = Box<dyn Fn(&Call<C>, &str) -> Result<String, Failure>>;

/// A connector: who it is, what it needs, and its operations over the configuration `C`.
pub struct Connector<C> {
    id: &'static str,
    version: &'static str,
    publisher: &'static str,
    title: &'static str,
    needs: Needs,
    operations: Vec<Operation<C>>,
}

struct Operation<C> {
    name: &'static str,
    title: &'static str,
    // Schemas are made only for `describe`: a call must not pay for them.
    input: fn() -> Value,
    output: fn() -> Value,
    handler: Handler<C>,
}

impl<C: DeserializeOwned + JsonSchema> Connector<C> {
    /// A connector named `id`, as connections and journeys will call it.
    pub fn new(id: &'static str, version: &'static str) -> Self {
        Connector {
            id,
            version,
            publisher: "",
            title: id,
            needs: Needs::default(),
            operations: Vec::new(),
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// Who made it.
    #[must_use]
    pub fn publisher(mut self, publisher: &'static str) -> Self {
        self.publisher = publisher;
        self
    }

    /// It calls `host`: exact, or with one leading wildcard label (`*.example.com`).
    #[must_use]
    pub fn reaches(mut self, host: &'static str) -> Self {
        self.needs.http.push(HttpNeed { host: Some(host), origin_of: None });
        self
    }

    /// It calls the origin of the URL in this field of its configuration.
    #[must_use]
    pub fn reaches_config_url(mut self, field: &'static str) -> Self {
        self.needs.http.push(HttpNeed { host: None, origin_of: Some(field) });
        self
    }

    /// It sends the secret `name` in `header`, and cannot work without it.
    #[must_use]
    pub fn secret(mut self, name: &'static str, header: &'static str) -> Self {
        self.needs.secrets.push(SecretNeed { name, required: true, header });
        self
    }

    /// It sends the secret `name` in `header` when the connection has one.
    #[must_use]
    pub fn optional_secret(mut self, name: &'static str, header: &'static str) -> Self {
        self.needs.secrets.push(SecretNeed { name, required: false, header });
        self
    }

    /// It keeps at most this many bytes in its key-value store.
    #[must_use]
    pub fn keeps(mut self, bytes: u64) -> Self {
        self.needs.kv_bytes = bytes;
        self
    }

    /// One thing it can do: `handler` with a typed input and output, whose schemas enter the manifest.
    #[must_use]
    pub fn operation<I, O>(
        mut self,
        name: &'static str,
        title: &'static str,
        handler: fn(&Call<C>, I) -> Result<O, Failure>,
    ) -> Self
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + JsonSchema + 'static,
        C: 'static,
    {
        let erased: Handler<C> = Box::new(move |call, input| {
            let input = serde_json::from_str(input).map_err(|error| {
                Failure::invalid_input(format!("the input does not fit: {error}"))
            })?;
            let output = handler(call, input)?;
            serde_json::to_string(&output).map_err(|error| {
                Failure::new(FailureKind::Internal, "output.invalid", error.to_string())
            })
        });
        self.operations.push(Operation {
            name,
            title,
            input: schema_of::<I>,
            output: schema_of::<O>,
            handler: erased,
        });
        self
    }

    /// The manifest as JSON.
    ///
    /// # Panics
    ///
    /// Never: a manifest holds only strings, numbers and schemas, which are all JSON.
    pub fn describe(&self) -> String {
        let auth = if self.needs.secrets.is_empty() { "none" } else { "key" };
        let operations = self.operations.iter().map(|operation| OperationManifest {
            name: operation.name,
            title: operation.title,
            idempotent: true,
            input: (operation.input)(),
            output: (operation.output)(),
        });
        let manifest = Manifest {
            wit: "1.0.0",
            id: self.id,
            version: self.version,
            publisher: self.publisher,
            title: self.title,
            auth,
            config: schema_of::<C>(),
            operations: operations.collect(),
            needs: self.needs.clone(),
        };
        serde_json::to_string(&manifest)
            .expect("a manifest holds only strings, numbers and schemas")
    }

    /// Runs `operation` on `input` for the call the host is making.
    pub fn invoke(&self, operation: &str, input: &str) -> Result<String, Failure> {
        let found = self.operations.iter().find(|candidate| candidate.name == operation);
        let Some(found) = found else {
            return Err(Failure::new(
                FailureKind::InvalidInput,
                "operation.unknown",
                format!("{} has no operation `{operation}`", self.id),
            ));
        };
        let config = serde_json::from_str(&call::config()).map_err(|error| {
            Failure::new(
                FailureKind::InvalidInput,
                "config.invalid",
                format!("the connection's configuration does not fit: {error}"),
            )
        })?;
        (found.handler)(&Call { connection: call::connection(), config }, input)
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}
