//! Turns the command line into a running node or a finished task.

use neurostore_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;
use sc_service::DatabaseSource;

use crate::{
    chain_spec,
    cli::{Cli, Command},
    package, service,
};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "NeuroStore Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "The NeuroStore developers".into()
    }

    fn support_url() -> String {
        "docs/operators.md in the source tree".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        Ok(match id {
            "dev" => Box::new(chain_spec::development()?),
            "" | "local" => Box::new(chain_spec::local()?),
            "local-production" => Box::new(chain_spec::local_production()?),
            "live" => Box::new(chain_spec::live()?),
            path => Box::new(chain_spec::ChainSpec::from_json_file(path.into())?),
        })
    }
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> sc_cli::Result<()> {
    let mut cli = Cli::read();
    match cli.subcommand.take() {
        None => run_node(cli),
        Some(command) => run_task(&cli, command),
    }
}

fn run_node(mut cli: Cli) -> sc_cli::Result<()> {
    // Samples are read in the state of the block that opened a window, and a window may take an
    // hour: keep twice that, unless the operator says otherwise.
    if cli.run.import_params.pruning_params.state_pruning.is_none() {
        cli.run.import_params.pruning_params.state_pruning = Some(
            sc_cli::DatabasePruningMode::Custom(service::STATE_PRUNING_BLOCKS),
        );
    }
    let storage = cli.storage.clone();
    let runner = cli.create_runner(&cli.run)?;
    runner.run_node_until_exit(|config| async move {
        // One network backend: the other would be compiled for nobody, at minutes a build.
        if !matches!(config.network.network_backend, NetworkBackendType::Litep2p) {
            return Err("this node speaks litep2p only: leave --network-backend away".into());
        }
        service::start::<sc_network::Litep2pNetworkBackend>(config, storage)
            .await
            .map_err(sc_cli::Error::Service)
    })
}

fn run_task(cli: &Cli, command: Command) -> sc_cli::Result<()> {
    match command {
        Command::Key(command) => command.run(cli),
        Command::ExportChainSpec(command) => {
            let spec = cli.load_spec(&command.chain)?;
            command.run(spec)
        }
        Command::CheckBlock(command) => cli.create_runner(&command)?.async_run(|config| {
            let node = service::new_partial(&config)?;
            let task = command.run(node.client, node.import_queue);
            Ok((task, node.task_manager))
        }),
        Command::ExportBlocks(command) => cli.create_runner(&command)?.async_run(|config| {
            let node = service::new_partial(&config)?;
            let task = command.run(node.client, config.database);
            Ok((task, node.task_manager))
        }),
        Command::ExportState(command) => cli.create_runner(&command)?.async_run(|config| {
            let node = service::new_partial(&config)?;
            let task = command.run(node.client, config.chain_spec);
            Ok((task, node.task_manager))
        }),
        Command::ImportBlocks(command) => cli.create_runner(&command)?.async_run(|config| {
            let node = service::new_partial(&config)?;
            let task = command.run(node.client, node.import_queue);
            Ok((task, node.task_manager))
        }),
        Command::PurgeChain(command) => cli
            .create_runner(&command)?
            .sync_run(|config| command.run(DatabaseSource::clone(&config.database))),
        Command::Revert(command) => cli.create_runner(&command)?.async_run(|config| {
            let node = service::new_partial(&config)?;
            let revert_consensus = Box::new(|client, backend, blocks| {
                sc_consensus_babe::revert(std::sync::Arc::clone(&client), backend, blocks)?;
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            let task = command.run(node.client, node.backend, Some(revert_consensus));
            Ok((task, node.task_manager))
        }),
        Command::ChainInfo(command) => cli
            .create_runner(&command)?
            .sync_run(|config| command.run::<Block>(&config)),
        Command::Completions { shell } => {
            package::completions(shell);
            Ok(())
        }
        Command::Man { folder } => Ok(package::manual(&folder)?),
    }
}
