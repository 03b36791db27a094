//! A circuit's matrices in iden3's `.r1cs` format, from which snarkjs starts a ceremony.
//!
//! Wire 0 is the constant one, wire 1 the public input `statement`, and the witness follows: the
//! very columns of [`Constraints`]. Sections:
//!
//! 1. bytes of a field element and the modulus; then, as `u32`, wires, public outputs, public
//!    inputs, private inputs; labels as `u64`; constraints as `u32`;
//! 2. for each constraint its three rows: the number of coefficients, and for each its wire as
//!    `u32` and its value, little endian;
//! 3. the label of each wire as `u64`: its own number.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use neurostore_circuit::{Constraints, Row, INSTANCE_COLUMNS};
use sha2::{Digest, Sha256};

use super::{
    container::{write_header, write_section_header},
    encoding::ELEMENT_BYTES,
};
use crate::circuits::{columns, word};

const HEADER_SECTION: u32 = 1;
const CONSTRAINTS_SECTION: u32 = 2;
const LABELS_SECTION: u32 = 3;
const SECTIONS: u32 = 3;
/// Size of an element, modulus, four counts of wires, labels, constraints.
const HEADER_BYTES: u64 = 4 + 32 + 4 * 4 + 8 + 4;
/// A wire and a value.
const COEFFICIENT_BYTES: u64 = 4 + 32;
/// The counts of the three rows.
const CONSTRAINT_BYTES: u64 = 3 * 4;
const LABEL_BYTES: u64 = 8;
const PUBLIC_INPUTS: u32 = word_of_inputs();

#[allow(clippy::cast_possible_truncation)]
const fn word_of_inputs() -> u32 {
    (INSTANCE_COLUMNS - 1) as u32
}

/// Writes the constraints as an `.r1cs` file. The same bytes on every machine.
pub fn write_r1cs(constraints: &Constraints, to: &mut impl Write) -> io::Result<()> {
    let wires = columns(constraints);
    write_header(to, "r1cs", SECTIONS)?;

    write_section_header(to, HEADER_SECTION, HEADER_BYTES)?;
    to.write_all(&word(ELEMENT_BYTES).to_le_bytes())?;
    to.write_all(&Fr::MODULUS.to_bytes_le())?;
    // Nothing is an output: the verifier computes the statement and gives it.
    let counts = [word(wires), 0, PUBLIC_INPUTS, word(constraints.witnesses())];
    for count in counts {
        to.write_all(&count.to_le_bytes())?;
    }
    to.write_all(&(wires as u64).to_le_bytes())?;
    to.write_all(&word(constraints.rows().len()).to_le_bytes())?;

    let length = CONSTRAINT_BYTES * constraints.rows().len() as u64
        + COEFFICIENT_BYTES * constraints.density() as u64;
    write_section_header(to, CONSTRAINTS_SECTION, length)?;
    for constraint in constraints.rows() {
        for row in [&constraint.left, &constraint.right, &constraint.result] {
            write_row(row, to)?;
        }
    }

    write_section_header(to, LABELS_SECTION, LABEL_BYTES * wires as u64)?;
    (0..wires as u64).try_for_each(|label| to.write_all(&label.to_le_bytes()))
}

fn write_row(row: &Row, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&word(row.len()).to_le_bytes())?;
    for (column, value) in row {
        to.write_all(&word(*column).to_le_bytes())?;
        to.write_all(&value.into_bigint().to_bytes_le())?;
    }
    Ok(())
}

/// Writes the constraints to an `.r1cs` file, and the folders it lies in. Gives its SHA-256.
pub fn export_r1cs(constraints: &Constraints, path: &Path) -> io::Result<[u8; 32]> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    let mut file = BufWriter::new(fs::File::create(path)?);
    write_r1cs(constraints, &mut file)?;
    file.flush()?;
    r1cs_hash(constraints)
}

/// SHA-256 of the circuit's `.r1cs` file.
pub fn r1cs_hash(constraints: &Constraints) -> io::Result<[u8; 32]> {
    let mut hash = BufWriter::new(Sha256::new());
    write_r1cs(constraints, &mut hash)?;
    Ok(hash.into_inner()?.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceremony::{container::Container, encoding::words};
    use neurostore_circuit::Constraint;
    use neurostore_primitives::CircuitId;

    /// Reads bytes from the front, or panics.
    struct Reader(Vec<u8>, usize);

    impl Reader {
        fn take(&mut self, count: usize) -> &[u8] {
            self.1 += count;
            &self.0[self.1 - count..self.1]
        }

        fn u32(&mut self) -> usize {
            u32::from_le_bytes(self.take(4).try_into().unwrap()) as usize
        }

        fn row(&mut self) -> Row {
            let count = self.u32();
            (0..count)
                .map(|_| {
                    (
                        self.u32(),
                        Fr::from_bigint(words(self.take(32)).unwrap()).unwrap(),
                    )
                })
                .collect()
        }
    }

    #[test]
    fn a_reader_finds_the_constraints_in_the_file() {
        let constraints = crate::circuit_constraints(CircuitId(1)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/1.r1cs");
        let hash = export_r1cs(&constraints, &path).unwrap();
        assert_eq!(
            hash,
            <[u8; 32]>::from(Sha256::digest(fs::read(&path).unwrap()))
        );

        let mut file = Container::open(&path, "r1cs").unwrap();
        let mut header = Reader(file.section(1, HEADER_BYTES).unwrap(), 0);
        let wires = columns(&constraints);
        assert_eq!(header.u32(), 32);
        assert_eq!(words(header.take(32)), Some(Fr::MODULUS));
        let counts: Vec<_> = (0..4).map(|_| header.u32()).collect();
        assert_eq!(counts, [wires, 0, 1, wires - 2]);
        assert_eq!(header.take(8), (wires as u64).to_le_bytes());
        assert_eq!(header.u32(), constraints.rows().len());

        let length = file.length(2).unwrap();
        let mut body = Reader(file.section(2, length).unwrap(), 0);
        for constraint in constraints.rows() {
            let (left, right, result) = (body.row(), body.row(), body.row());
            let read = Constraint {
                left,
                right,
                result,
            };
            assert_eq!(&read, constraint);
        }
        assert_eq!(body.1, body.0.len());
        let labels = file.section(3, 8 * wires as u64).unwrap();
        assert_eq!(labels[8..16], 1u64.to_le_bytes());
    }

    #[test]
    fn circuits_of_different_size_have_different_hashes() {
        let hash = |number| r1cs_hash(&crate::circuit_constraints(CircuitId(number)).unwrap());
        assert_ne!(hash(1).unwrap(), hash(2).unwrap());
    }
}
