//! What holds for the repository as a whole: the documents name paths that exist, the crates
//! import only what the architecture allows, and no code knows the API channel by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// The documents whose paths are checked.
const DOCUMENTS: [&str; 4] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

/// A word of a document that starts so is a path from the root of the repository.
const PATH_STARTS: [&str; 6] = [".ci/", "bin/", "crates/", "openapi/", "plugins/", "tests/"];

/// Who may import whom (normal dependencies), by folder. Plugins are one row.
const IMPORTS: &[(&str, &[&str])] = &[
    ("crates/channel", &[]),
    ("crates/egress", &[]),
    ("crates/store", &[]),
    ("plugins", &["crates/channel"]),
    ("crates/channel-testkit", &["crates/channel"]),
    ("crates/core", &["crates/channel", "crates/store"]),
    (
        "crates/channel-host",
        &["crates/channel", "crates/core", "crates/egress"],
    ),
    (
        "crates/delivery",
        &["crates/core", "crates/egress", "crates/channel-host"],
    ),
    ("crates/http", &["crates/core", "crates/channel-host"]),
    (
        "crates/gatewright",
        &[
            "crates/channel",
            "crates/channel-host",
            "crates/core",
            "crates/delivery",
            "crates/egress",
            "crates/http",
            "crates/store",
        ],
    ),
    ("bin/gatewright", &["crates/gatewright", "plugins"]),
];

/// Crates that may import everything: they test and measure the whole.
const FREE: [&str; 2] = ["tests", "crates/bench"];

/// Crates that know channels only by their descriptors.
const CHANNEL_BLIND: [&str; 3] = ["crates/core", "crates/delivery", "crates/http"];

/// Names of the API channel.
const API_CHANNEL: [&str; 3] = ["Channel::Api", "api_channel", "plugins/api"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the repository")
        .to_path_buf()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn documents_name_paths_that_exist() {
    let root = root();
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let paths = named_paths(&read(&root.join(document)));
        missing.extend(
            paths
                .into_iter()
                .filter(|path| !root.join(path).exists())
                .map(|path| format!("{document} names {path}")),
        );
    }
    assert!(
        missing.is_empty(),
        "these paths do not exist:\n{}",
        missing.join("\n")
    );
}

#[test]
fn readme_and_architecture_are_found_to_name_paths() {
    let root = root();
    assert!(named_paths(&read(&root.join("README.md"))).contains("crates/egress/SIGNING.md"));
    assert!(named_paths(&read(&root.join("ARCHITECTURE.md"))).len() >= 20);
}

#[test]
fn paths_are_told_from_other_words() {
    let text = "See `crates/core/src/lib.rs`, [signing](crates/egress/SIGNING.md#shell) and \
                `/webhooks/api`; `bin/`, crates/plain, `plugins/<name>/src`, `crates/*`.";
    let expected = ["bin/", "crates/core/src/lib.rs", "crates/egress/SIGNING.md"];
    assert_eq!(named_paths(text), expected.map(str::to_owned).into());
}

#[test]
fn crates_import_only_what_the_architecture_allows() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for (importer, imported) in imports(&metadata, &root()) {
        if FREE.contains(&importer.as_str()) {
            continue;
        }
        let Some((_, allowed)) = IMPORTS
            .iter()
            .find(|(folder, _)| *folder == group(&importer))
        else {
            wrong.push(format!("{importer} has no row in IMPORTS"));
            continue;
        };
        wrong.extend(
            imported
                .iter()
                .filter(|import| !allowed.contains(&group(import)))
                .map(|import| format!("{importer} imports {import}")),
        );
    }
    assert!(wrong.is_empty(), "not allowed:\n{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_table_is_a_crate() {
    let imports = imports(&metadata(), &root());
    let folders: BTreeSet<&str> = imports.keys().map(|folder| group(folder)).collect();
    for (folder, _) in IMPORTS {
        assert!(
            folders.contains(folder),
            "{folder} is in the table, not in the workspace"
        );
    }
}

#[test]
fn no_code_knows_the_api_channel_by_name() {
    let root = root();
    let mut found = Vec::new();
    let mut searched = 0;
    for folder in CHANNEL_BLIND {
        for file in rust_files(&root.join(folder).join("src")) {
            searched += 1;
            let text = read(&file);
            let place = file.strip_prefix(&root).unwrap().display().to_string();
            found.extend(api_channel_lines(&text).map(|line| format!("{place}: {line}")));
        }
    }
    assert!(searched > 20, "only {searched} files were searched");
    assert!(
        found.is_empty(),
        "the API channel is named:\n{}",
        found.join("\n")
    );
}

#[test]
fn the_search_sees_code_and_comments_but_no_tests() {
    let text = "let a = \"Channel::Api\";\n// plugins/api\n#[cfg(test)]\nmod tests { api_channel }";
    let found: Vec<&str> = api_channel_lines(text).collect();
    assert_eq!(found, ["let a = \"Channel::Api\";", "// plugins/api"]);
    assert!(is_test_code(Path::new(
        "crates/core/src/wire/tests/order.rs"
    )));
    assert!(is_test_code(Path::new("crates/core/src/error/tests.rs")));
    assert!(!is_test_code(Path::new("crates/core/src/wire/contact.rs")));
}

/// The words in backticks and the targets of links that are paths of the repository. Words with
/// a placeholder or a pattern in them name no single path.
fn named_paths(text: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let quoted = text.split('`').skip(1).step_by(2);
    let linked = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(to, _)| to);
    for word in quoted.chain(linked) {
        let word = word
            .split('#')
            .next()
            .unwrap_or_default()
            .trim_start_matches("./");
        let is_path = PATH_STARTS.iter().any(|start| word.starts_with(start))
            || DOCUMENTS.contains(&word)
            || word.starts_with("LICENSE-");
        if is_path && !word.contains([' ', '<', '*', '{', '\n']) {
            paths.insert(word.to_owned());
        }
    }
    paths
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace")
}

/// The folders of the workspace's packages, each with those of its normal dependencies.
fn imports(metadata: &Metadata, root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let folder = |path: &Path| {
        let path = path
            .strip_prefix(root)
            .expect("packages lie in the repository");
        path.to_str()
            .expect("folders have ASCII names")
            .replace('\\', "/")
    };
    let packages = metadata.packages.iter().map(|package| {
        let imported = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .filter_map(|dependency| dependency.path.as_ref())
            .map(|path| folder(path.as_std_path()))
            .collect();
        (
            folder(
                package
                    .manifest_path
                    .parent()
                    .expect("a manifest lies in a folder")
                    .as_std_path(),
            ),
            imported,
        )
    });
    packages.collect()
}

/// The row of the table that a folder belongs to.
fn group(folder: &str) -> &str {
    if folder.starts_with("plugins/") {
        "plugins"
    } else {
        folder
    }
}

/// The Rust files below a folder that are no tests.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if is_test_code(&path) {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Whether a path belongs to test code by its name.
fn is_test_code(path: &Path) -> bool {
    path.iter()
        .any(|part| part == "tests" || part == "tests.rs")
}

/// The lines that name the API channel, up to the tests at the foot of the file.
fn api_channel_lines(text: &str) -> impl Iterator<Item = &str> {
    let code = text
        .split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(code, _)| code);
    code.lines()
        .filter(|line| API_CHANNEL.iter().any(|name| line.contains(name)))
        .map(str::trim)
}
