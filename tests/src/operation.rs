use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

/// An operation of the served API document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// Method.
    pub method: Method,
    /// Path with its parameters in braces.
    pub path: String,
    /// Whether it is called without a token.
    pub public: bool,
    /// Names of the parameters of the path, in order.
    pub path_params: Vec<String>,
    /// Names of the query's parameters.
    pub query: Vec<String>,
    /// Schema of the JSON body.
    pub body: Option<Value>,
    /// Schema of the 200's JSON; none when it is empty or a page.
    pub answer: Option<Value>,
    /// Whether it answers a page for people, the same at every address.
    pub page: bool,
}

impl Operation {
    /// Every operation of a document.
    pub fn all(spec: &Value) -> Vec<Self> {
        let paths = spec["paths"].as_object().expect("paths");
        let operations: Vec<Self> = paths
            .iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().expect("a path item");
                item.iter().map(|(method, it)| Self::read(path, method, it))
            })
            .collect();
        assert!(operations.len() > 30, "the document names its operations");
        operations
    }

    fn read(path: &str, method: &str, it: &Value) -> Self {
        let names = |place: &str| -> Vec<String> {
            let all = it["parameters"].as_array();
            all.into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == place)
                .map(|parameter| parameter["name"].as_str().expect("a name").to_owned())
                .collect()
        };
        let schema = |holder: &Value| holder["content"]["application/json"].get("schema").cloned();
        Self {
            id: it["operationId"]
                .as_str()
                .expect("an operationId")
                .to_owned(),
            method: method.to_ascii_uppercase().parse().expect("a method"),
            path: path.to_owned(),
            public: !it["security"].is_null(),
            path_params: names("path"),
            query: names("query"),
            body: schema(&it["requestBody"]),
            answer: schema(&it["responses"]["200"]),
            page: it["responses"]["200"]["content"]["text/html"].is_object(),
        }
    }

    /// Whether it stands below an account.
    pub fn in_account(&self) -> bool {
        self.path_params.iter().any(|name| name == "account_id")
    }

    /// When it is called in a walk through all operations: nothing that is called later needs what
    /// it takes away.
    pub fn turn(&self) -> u8 {
        match self.id.as_str() {
            "profile_reset_access_token" => 5,
            "inbox_delete" => 4,
            "contact_delete" => 3,
            "conversation_delete" => 2,
            _ => u8::from(self.method == Method::DELETE),
        }
    }

    /// The path with these parameters. A parameter that nobody has a value for fails the test.
    pub fn at(&self, params: &BTreeMap<String, String>) -> String {
        self.path_params
            .iter()
            .fold(self.path.clone(), |path, name| {
                let value = params
                    .get(name)
                    .unwrap_or_else(|| panic!("{}: no value for the parameter {name}", self.id));
                path.replace(&format!("{{{name}}}"), value)
            })
    }
}

/// A schema, or what its reference points at.
pub fn resolved<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        None => schema,
        Some(reference) => {
            let pointer = reference
                .strip_prefix('#')
                .expect("a reference in the document");
            let found = spec.pointer(pointer);
            resolved(
                spec,
                found.unwrap_or_else(|| panic!("{reference} resolves")),
            )
        }
    }
}
