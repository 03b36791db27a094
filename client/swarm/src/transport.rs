//! How bytes get from peer to peer: TCP with Noise and Yamux, and QUIC.

use libp2p::{dns, identity::Keypair, noise, quic, tcp, yamux, SwarmBuilder};

use crate::{
    behaviour::Behaviour,
    error::StartError,
    identity::Identity,
    limits::{
        Limits, MAX_NEGOTIATING_STREAMS, MAX_STREAMS, QUIC_CONNECTION_WINDOW, QUIC_STREAM_WINDOW,
    },
    substreams::Serving,
};

/// The libp2p swarm with its transports and protocols; names are resolved by DNS.
pub(crate) fn build(
    identity: &Identity,
    limits: &Limits,
    serving: Option<Serving>,
    answers_lookups: bool,
) -> Result<libp2p::Swarm<Behaviour>, StartError> {
    let failed = |error: &dyn ToString| StartError::Transport(error.to_string());
    let multiplexing = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(MAX_STREAMS);
        config
    };
    let transports = || {
        SwarmBuilder::with_existing_identity(identity.keypair())
            .with_tokio()
            .with_tcp(
                tcp::Config::default().nodelay(true),
                noise::Config::new,
                multiplexing,
            )
            .map(|builder| builder.with_quic_config(quic_windows))
            .map_err(|error| failed(&error))
    };
    let behaviour = |key: &Keypair| Behaviour::new(key.public(), limits, serving, answers_lookups);
    // The types differ by how names are resolved; all that follows is the same.
    macro_rules! finish {
        ($builder:expr) => {
            $builder
                .with_behaviour(behaviour)
                .map_err(|error| failed(&error))?
                .with_swarm_config(|config| {
                    config
                        .with_idle_connection_timeout(limits.idle_connection)
                        .with_max_negotiating_inbound_streams(MAX_NEGOTIATING_STREAMS)
                })
                .with_connection_timeout(limits.connect)
                .build()
        };
    }
    Ok(match transports()?.with_dns() {
        Ok(builder) => finish!(builder),
        Err(error) => {
            tracing::warn!(%error, "no resolver is configured here: addresses by name will fail");
            let (config, options) = (dns::ResolverConfig::default(), dns::ResolverOpts::default());
            finish!(transports()?.with_dns_config(config, options))
        }
    })
}

fn quic_windows(mut config: quic::Config) -> quic::Config {
    config.max_stream_data = QUIC_STREAM_WINDOW;
    config.max_connection_data = QUIC_CONNECTION_WINDOW;
    // The constant fits many times over.
    config.max_concurrent_stream_limit = u32::try_from(MAX_STREAMS).unwrap_or(u32::MAX);
    config
}
