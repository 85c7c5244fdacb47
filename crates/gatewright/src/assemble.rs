//! Who is handed what, in which order.

use std::sync::Arc;

use gatewright_channel_host::{ChannelHost, InboundSink, InboxSource};
use gatewright_core::account::Setup;
use gatewright_core::cipher::Cipher;
use gatewright_core::delivery::Ledger;
use gatewright_core::intake::Intake;
use gatewright_core::kernel::KernelParts;
use gatewright_core::registry::{ChannelDeliver, ChannelRuntime};
use gatewright_core::{Kernel, Randomness};
use gatewright_delivery::Engine;
use gatewright_egress::Client;
use gatewright_http::AppState;
use gatewright_http::server::Routers;
use gatewright_store::Database;

use crate::adapters::{CoreSink, CoreSource, Ports};
use crate::config::secret::redact_url;
use crate::gateway::{Gateway, Parts};
use crate::ops::Readiness;
use crate::{Builder, Config, Error, Result, master_key, observe, ops};

/// A migrated database behind the use cases, under the right master key.
pub(crate) async fn kernel(builder: &Builder) -> Result<Arc<Kernel>> {
    let config = &builder.config;
    config.validate()?;
    let db = open(config).await?;
    bring_up_to_date(config, &db).await?;
    let key = master_key::load(config, &*builder.random)?;
    let kernel = Arc::new(Kernel::from(KernelParts {
        config: config.core(),
        db,
        clock: Arc::clone(&builder.clock),
        random: Arc::clone(&builder.random),
        cipher: Cipher::new(&key, Arc::clone(&builder.random)),
        registry: builder.registry(),
    }));
    Setup::new(Arc::clone(&kernel)).check_master_key().await?;
    Ok(kernel)
}

/// A running gateway that does not listen yet.
pub(crate) async fn gateway(builder: Builder) -> Result<Gateway> {
    observe::install_tls_provider();
    let metrics = observe::metrics();
    let kernel = kernel(&builder).await?;
    open_attachments(&kernel)?;
    kernel.storage.look();
    // Before the engine starts: it signs deliveries with the installation's id.
    Setup::new(Arc::clone(&kernel)).installation_id().await?;
    let config = builder.config;
    let client = Client::new(config.egress(builder.resolver));
    let intake = Intake::start(&kernel);
    let ports = Ports::new(&kernel, &intake);
    let host = host(&config, &kernel, &client, &ports);
    kernel.attach_runtime(Arc::<ChannelHost>::clone(&host) as Arc<dyn ChannelRuntime>);
    let channels = Arc::<ChannelHost>::clone(&host) as Arc<dyn ChannelDeliver>;
    let ledger = Ledger::new(Arc::clone(&kernel));
    let engine = Engine::start(config.engine(), ledger, client, channels).await?;
    let readiness = Readiness::new(&kernel, &intake, &engine);
    let operations = gatewright_http::router(AppState::new(&kernel, &intake, host));
    let layers = config.layers(mint_request_id(&kernel.random), Arc::clone(&kernel.storage));
    let ops = ops::router(Arc::clone(&readiness), metrics.clone());
    let routers = Routers {
        // Added last: these bypass the layers, so that they answer under overload.
        served: gatewright_http::layers::stack(operations, &layers).merge(ops.clone()),
        overflow: ops.fallback(async || gatewright_http::layers::too_many_connections()),
    };
    let whole = Parts {
        config,
        kernel,
        intake,
        engine,
        ports,
        routers,
        readiness,
    };
    Ok(Gateway::new(whole, &metrics))
}

fn host(
    config: &Config,
    kernel: &Arc<Kernel>,
    client: &Client,
    ports: &Arc<Ports>,
) -> Arc<ChannelHost> {
    let source: Arc<dyn InboxSource> = Arc::new(CoreSource::new(kernel, ports));
    let sink: Arc<dyn InboundSink> = Arc::new(CoreSink::new(ports));
    let (registry, clock) = (kernel.registry.clone(), Arc::clone(&kernel.clock));
    Arc::new(ChannelHost::new(
        config.host(),
        source,
        registry,
        client.clone(),
        clock,
        sink,
    ))
}

/// A folder that cannot be written to is told at the start, not by the first file.
fn open_attachments(kernel: &Kernel) -> Result<()> {
    let path = &kernel.config.attachments.path;
    kernel.blobs.open().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
        let text = format!("{} cannot be made: {cause}", path.display());
        Error::config("attachments.path", text)
    })
}

fn mint_request_id(random: &Arc<dyn Randomness>) -> Arc<dyn Fn() -> String + Send + Sync> {
    let random = Arc::clone(random);
    Arc::new(move || random.uuid())
}

/// Opens the configured database.
pub(crate) async fn open(config: &Config) -> Result<Database> {
    let opened = Database::open(&config.database()).await;
    opened.map_err(|error| failed(config, "could not be opened", error))
}

/// Whether there is no database yet.
pub(crate) fn is_absent(config: &Config) -> Result<bool> {
    let absent = config.database().is_absent();
    absent.map_err(|error| failed(config, "could not be opened", error))
}

/// Names of the migrations that the database needs.
pub(crate) async fn pending(config: &Config, database: &Database) -> Result<Vec<String>> {
    let pending = gatewright_store::pending(database).await;
    pending.map_err(|error| failed(config, "could not be read", error))
}

/// Brings the database up to date.
pub(crate) async fn migrate(config: &Config, database: &Database) -> Result<Vec<String>> {
    let applied = gatewright_store::migrate(database)
        .await
        .map_err(|error| failed(config, "could not be brought up to date", error))?;
    if !applied.is_empty() {
        tracing::info!(
            migrations = applied.join(", "),
            "the database was brought up to date"
        );
    }
    Ok(applied)
}

/// Closes the pools. What fails then is only worth a line in the log.
pub(crate) async fn close(database: &Database) {
    if let Err(error) = database.close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

async fn bring_up_to_date(config: &Config, database: &Database) -> Result<()> {
    if config.database.auto_migrate {
        return migrate(config, database).await.map(drop);
    }
    match pending(config, database).await? {
        none if none.is_empty() => Ok(()),
        names => Err(Error::Pending(names)),
    }
}

fn failed(
    config: &Config,
    what: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    let database = redact_url(&config.database.url);
    Error::Database {
        database,
        what,
        source: Box::new(source),
    }
}
