//! Challenges and proofs.

use neurostore_primitives::{
    ChallengeInfo, CircuitId, NodeId, SampleInfo, WindowIndex, WindowOutcome,
};

use crate::{
    call::Call, connection::Chain, error::ChainError, names::methods, signer::Signer,
    submit::Included,
};

impl Chain {
    /// The open challenge of a node, or when the next one opens.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn next_challenge(&self, node: NodeId) -> Result<Option<ChallengeInfo>, ChainError> {
        self.ask(methods::NEXT_CHALLENGE, (node,), None).await
    }

    /// The same as seen in the state of a certain block.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn next_challenge_at(
        &self,
        node: NodeId,
        block: [u8; 32],
    ) -> Result<Option<ChallengeInfo>, ChainError> {
        self.ask(methods::NEXT_CHALLENGE, (node,), Some(block))
            .await
    }

    /// The samples of a challenge, read in the state of the block in which it opened.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn samples(
        &self,
        node: NodeId,
        window: WindowIndex,
        opened_at: u32,
    ) -> Result<Option<Vec<SampleInfo>>, ChainError> {
        let block = self.block_hash(opened_at).await?;
        self.ask(methods::SAMPLES, (node, window), Some(block))
            .await
    }

    /// Answers a challenge: `statement` is the one that was proven, so that an answer made on one
    /// fork is not taken for a wrong one on another.
    ///
    /// # Errors
    /// As [`Chain::submit`].
    pub async fn submit_proof(
        &self,
        node_account: &Signer,
        window: WindowIndex,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<Included, ChainError> {
        let call = Call::submit_proof(window, statement, proof);
        self.submit(node_account, call).await
    }

    /// Checks a proof as the chain would, at no cost. The inner error says what is wrong with it.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn check_proof(
        &self,
        circuit: CircuitId,
        statement: [u8; 32],
        proof: &[u8],
    ) -> Result<Result<(), String>, ChainError> {
        let verdict = self
            .ask(methods::CHECK_PROOF, (circuit, statement, proof), None)
            .await?;
        Ok(verdict.map_err(|words| String::from_utf8_lossy(&words).into_owned()))
    }

    /// How a window ended; `None` while it is open or before it opens.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn outcome(
        &self,
        node: NodeId,
        window: WindowIndex,
    ) -> Result<Option<WindowOutcome>, ChainError> {
        self.ask(methods::OUTCOME, (node, window), None).await
    }

    /// The state of a window in words a person can act on.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn explain(&self, node: NodeId, window: WindowIndex) -> Result<String, ChainError> {
        let text = self.ask(methods::EXPLAIN, (node, window), None).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Blocks of a window, and of the time to answer in it.
    ///
    /// # Errors
    /// Where the endpoint cannot be asked or its answer not be read.
    pub async fn window_blocks(&self) -> Result<(u32, u32), ChainError> {
        self.ask(methods::WINDOW_BLOCKS, (), None).await
    }
}
