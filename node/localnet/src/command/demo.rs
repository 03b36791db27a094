//! `demo`: the main job, told aloud.

use std::{path::Path, time::Instant};

use neurostore_client::{Capacity, Neuro, ProgressSink};
use neurostore_localnet::{
    sample, Download, Network, Proven, SampleFile, Step, StepTable, Stored, Story, StoryError,
};

use super::{
    show::{byte_bar, download, headline, spinner, upload},
    Demo,
};

/// Tells the story; fails unless every claim held.
pub(crate) async fn demo(arguments: &Demo) -> anyhow::Result<()> {
    let mut table = StepTable::default();

    headline("starting four validators that store, and the storage daemons");
    let begin = Instant::now();
    let bar = spinner();
    let tell = |what: &str| {
        bar.set_message(what.to_owned());
        bar.println(format!("   waiting for {what}"));
    };
    let network = Network::start(arguments.network.options(arguments.first_port), &tell).await?;
    bar.finish_and_clear();
    let members = network.members().len();
    say(format!(
        "{members} processes, all registered; logs in {}",
        network.logs().display()
    ));
    table.add(Step {
        name: "start the network".into(),
        took: begin.elapsed(),
        bytes: None,
        result: format!("{members} processes registered"),
    });

    let mut story = Story::begin(network).await?;
    let told = Teller {
        story: &mut story,
        table: &mut table,
    };
    if let Err(error) = told.tell(arguments).await {
        let folder = story.network_mut().keep_folder().display().to_string();
        println!("{table}");
        return Err(anyhow::Error::new(error).context(format!("the logs are kept in {folder}")));
    }

    headline("ending the network");
    let begin = Instant::now();
    let ended = story.end().await?;
    say(format!("{ended} processes ended, none is left"));
    table.add(Step {
        name: "end the network".into(),
        took: begin.elapsed(),
        bytes: None,
        result: "no process left".into(),
    });

    headline("all of it held");
    println!("{table}");
    Ok(())
}

fn say(text: impl AsRef<str>) {
    for line in text.as_ref().lines() {
        println!("   {line}");
    }
}

/// Who tells, and what he notes down.
struct Teller<'a> {
    story: &'a mut Story,
    table: &'a mut StepTable,
}

impl Teller<'_> {
    async fn tell(mut self, arguments: &Demo) -> Result<(), StoryError> {
        let file = self.choose_file(arguments).await?;
        let stored = self.store(&file).await?;
        self.prove(&stored).await?;
        self.pay(&stored).await?;

        headline("killing five storage daemons that hold its shards (SIGKILL)");
        let begin = Instant::now();
        let fallen = self.story.kill_five(&stored).await?;
        self.name(&fallen.members)?;
        self.note(
            "kill five daemons",
            begin,
            None,
            "10 of 15 shards left in some segment",
        );
        self.read("download without five", &stored).await?;

        headline("killing a sixth; what `neuro get` says now");
        let begin = Instant::now();
        let fallen = self.story.kill_a_sixth(&stored, &fallen).await?;
        let sixth: Vec<usize> = fallen.members.last().copied().into_iter().collect();
        self.name(&sixth)?;
        say(fallen.error.unwrap_or_default());
        self.note(
            "kill a sixth, read in vain",
            begin,
            None,
            "9 of 15 reachable, 10 needed",
        );

        headline("starting the sixth again");
        let begin = Instant::now();
        self.story.revive(&sixth).await?;
        self.note("restart the sixth", begin, None, "serves again");
        self.read("download with it back", &stored).await?;

        let mut proven = Proven {
            until: stored.began_at,
            ..Proven::default()
        };
        self.story.read_proofs(&mut proven).await?;
        say(format!(
            "{} proofs accepted in all, {} windows missed by the killed ones",
            proven.total(),
            proven.missed
        ));
        let begin = Instant::now();
        let result = format!(
            "{} accepted, {} windows missed",
            proven.total(),
            proven.missed
        );
        self.note("proofs until the end", begin, None, result);
        Ok(())
    }

    async fn choose_file(&mut self, arguments: &Demo) -> Result<SampleFile, StoryError> {
        headline("the file");
        let begin = Instant::now();
        let file = match &arguments.file {
            Some(path) => SampleFile::existing(Path::new(path)).await?,
            None => sample(self.story.folder(), arguments.size.0).await?,
        };
        say(format!("{}: {}", file.what, Capacity(file.size)));
        say(format!("SHA-256 {}", file.digest));
        self.note(
            "prepare the file",
            begin,
            Some(file.size),
            Capacity(file.size).to_string(),
        );
        Ok(file)
    }

    async fn store(&mut self, file: &SampleFile) -> Result<Stored, StoryError> {
        headline("storing it: encrypted, coded 10 of 15, a receipt from every node");
        let begin = Instant::now();
        let bar = byte_bar(file.size);
        let stored = self.story.store(file, upload(&bar)).await?;
        bar.finish_and_clear();
        let (segments, nodes) = (stored.segments.len(), stored.nodes().len());
        say(format!(
            "{segments} segments on {nodes} nodes, {} stored",
            Capacity(stored.stored_bytes)
        ));
        say(format!(
            "locator {}#… (the part after # is the key)",
            stored.locator.public()
        ));
        let result = format!(
            "{segments} segments, {nodes} nodes, {}",
            Capacity(stored.stored_bytes)
        );
        self.note("store", begin, Some(file.size), result);
        Ok(stored)
    }

    async fn prove(&mut self, stored: &Stored) -> Result<(), StoryError> {
        headline("waiting until every node that holds a shard has proven it on chain");
        let begin = Instant::now();
        let bar = spinner();
        let tell = |proven: usize, all: usize| bar.set_message(format!("{proven} of {all} nodes"));
        let proven = self.story.wait_until_proven(stored, &tell).await?;
        bar.finish_and_clear();
        let (total, nodes) = (proven.total(), proven.accepted.len());
        say(format!(
            "{total} proofs of {nodes} nodes accepted, {} windows missed",
            proven.missed
        ));
        self.note(
            "prove",
            begin,
            None,
            format!("{total} proofs of {nodes} nodes accepted"),
        );
        Ok(())
    }

    async fn pay(&mut self, stored: &Stored) -> Result<(), StoryError> {
        headline("what they earned");
        let begin = Instant::now();
        let earnings = self.story.earnings(stored).await?;
        say(format!(
            "{:18} {:>5}  {:>24}  {:>24}",
            "member", "node", "credited", "released"
        ));
        for (node, earned) in &earnings {
            let member = self.story.network().number_of(*node);
            let name = match member {
                Some(number) => self.story.network().member(number)?.name(),
                None => "?",
            };
            let (credited, released) = (Neuro(earned.credited_total), Neuro(earned.withdrawable));
            say(format!(
                "{name:18} {node:>5}  {credited:>24}  {released:>24}"
            ));
        }
        let number = self.story.richest(stored).await?;
        let payment = self.story.withdraw(number).await?;
        let name = self.story.network().member(number)?.name();
        say(format!(
            "\n{name} withdraws {} (fee {})",
            Neuro(payment.amount),
            Neuro(payment.fee)
        ));
        say(format!(
            "its operator: {} -> {}",
            Neuro(payment.before),
            Neuro(payment.after)
        ));
        let result = format!(
            "{} nodes earned; withdrew {}",
            earnings.len(),
            Neuro(payment.amount)
        );
        self.note("earn and withdraw", begin, None, result);
        Ok(())
    }

    async fn read(&mut self, name: &str, stored: &Stored) -> Result<Download, StoryError> {
        headline(name);
        let bar = byte_bar(stored.size);
        let sink: ProgressSink = download(&bar);
        let read = self.story.download(stored, sink).await?;
        bar.finish_and_clear();
        say(format!(
            "{} bytes, SHA-256 equal: {}",
            read.size, stored.digest
        ));
        self.table.add(Step {
            name: name.into(),
            took: read.took,
            bytes: Some(read.size),
            result: "SHA-256 equal".into(),
        });
        Ok(read)
    }

    fn name(&self, members: &[usize]) -> Result<(), StoryError> {
        for number in members {
            let member = self.story.network().member(*number)?;
            let node = member
                .node()
                .map(|node| node.to_string())
                .unwrap_or_default();
            say(format!("killed {} (node {node})", member.name()));
        }
        Ok(())
    }

    fn note(&mut self, name: &str, begin: Instant, bytes: Option<u64>, result: impl Into<String>) {
        let (name, result) = (name.to_owned(), result.into());
        self.table.add(Step {
            name,
            took: begin.elapsed(),
            bytes,
            result,
        });
    }
}
