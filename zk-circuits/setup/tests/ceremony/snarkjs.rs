//! Runs snarkjs as `tests/snarkjs` pins it, and holds small ceremonies with it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use neurostore_primitives::CircuitId;
use neurostore_setup::{ceremony::export_r1cs, circuit_constraints};

/// A value that nobody could know before: in a real ceremony it is announced by its source.
const BEACON: &str = "5e1f8a0c93b47d26e8f0a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a";
/// The least that snarkjs takes: the value is hashed two to this power times.
const BEACON_EXPONENT: &str = "10";

fn tool() -> PathBuf {
    // Asked at run time: checkouts share what is built.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("tests/snarkjs")
}

/// Runs a snarkjs command in a folder, and gives what it printed. Panics where it fails.
pub(crate) fn snarkjs(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("node")
        .arg(tool().join("node_modules/snarkjs/build/cli.cjs"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("node is missing: make setup installs it");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "snarkjs {arguments:?}: {printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// `npm ci`, unless what the lock file names is installed already.
fn install() {
    let modified = |name: &str| -> Option<SystemTime> {
        fs::metadata(tool().join(name)).ok()?.modified().ok()
    };
    // npm writes this file at the end of an installation.
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return;
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
        .args(["--ignore-scripts"])
        .current_dir(tool())
        .status()
        .expect("npm is missing: make setup installs it");
    assert!(status.success(), "npm ci failed");
}

/// The files of a ceremony that was held.
pub(crate) struct Ceremony {
    /// Where everything lies, and where snarkjs runs.
    pub(crate) folder: PathBuf,
    /// The powers of tau.
    pub(crate) powers: PathBuf,
    /// The key before the first contribution.
    pub(crate) initial: PathBuf,
    /// The key after both contributions, without a beacon.
    pub(crate) without_beacon: PathBuf,
    /// The key after the beacon.
    pub(crate) zkey: PathBuf,
}

/// Holds a ceremony for a circuit that fits two to this power: new powers of tau with a
/// contribution and a beacon, and a second phase with two contributions and a beacon.
///
/// What is in the folder already is taken as it is. Concurrent callers wait for the first.
pub(crate) fn hold(circuit: CircuitId, power: u8, folder: &Path) -> Ceremony {
    fs::create_dir_all(folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let name = |name: &str| folder.join(name);
    let ceremony = Ceremony {
        folder: folder.to_owned(),
        powers: name(&format!("power-{power}.ptau")),
        initial: name(&format!("{circuit}-0.zkey")),
        without_beacon: name(&format!("{circuit}-2.zkey")),
        zkey: name(&format!("{circuit}.zkey")),
    };
    install();
    if !ceremony.powers.exists() {
        make_powers(folder, power);
    }
    let r1cs = format!("{circuit}.r1cs");
    let before = fs::read(name(&r1cs)).unwrap_or_default();
    export_r1cs(&circuit_constraints(circuit).unwrap(), &name(&r1cs)).unwrap();
    if before != fs::read(name(&r1cs)).unwrap() || !ceremony.zkey.exists() {
        make_key(&ceremony, circuit, power);
    }
    ceremony
}

fn make_powers(folder: &Path, power: u8) {
    let run = |arguments: &[&str]| snarkjs(folder, arguments);
    let power = power.to_string();
    run(&["powersoftau", "new", "bn128", &power, "new.ptau"]);
    let entropy = "-e=tested with";
    run(&[
        "powersoftau",
        "contribute",
        "new.ptau",
        "one.ptau",
        "--name=ada",
        entropy,
    ]);
    run(&[
        "powersoftau",
        "beacon",
        "one.ptau",
        "beacon.ptau",
        BEACON,
        BEACON_EXPONENT,
    ]);
    run(&[
        "powersoftau",
        "prepare",
        "phase2",
        "beacon.ptau",
        "whole.ptau",
    ]);
    fs::rename(
        folder.join("whole.ptau"),
        folder.join(format!("power-{power}.ptau")),
    )
    .unwrap();
}

fn make_key(ceremony: &Ceremony, circuit: CircuitId, power: u8) {
    let run = |arguments: &[&str]| snarkjs(&ceremony.folder, arguments);
    let key = |number: u8| format!("{circuit}-{number}.zkey");
    let (r1cs, powers) = (format!("{circuit}.r1cs"), format!("power-{power}.ptau"));
    run(&["groth16", "setup", &r1cs, &powers, &key(0)]);
    for (number, name) in [(0, "--name=ada"), (1, "--name=grace")] {
        let entropy = "-e=tested with";
        run(&[
            "zkey",
            "contribute",
            &key(number),
            &key(number + 1),
            name,
            entropy,
        ]);
    }
    let beacon = ["zkey", "beacon", &key(2), &key(3), BEACON, BEACON_EXPONENT];
    run(&[&beacon[..], &["--name=beacon"]].concat());
    fs::rename(ceremony.folder.join(key(3)), &ceremony.zkey).unwrap();
}
