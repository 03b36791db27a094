//! Length-prefixed frames.

use std::io;

use codec::Encode;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The announced length is zero or above the limit. Nothing was allocated.
    #[error("a frame of {0} bytes was announced")]
    Length(u32),
    /// The stream ended or broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads one frame of at most `limit` bytes. The length is checked before anything is allocated.
pub(crate) async fn read_frame<R: AsyncRead + Unpin>(
    reader: &mut R,
    limit: usize,
) -> Result<Vec<u8>, FrameError> {
    let mut prefix = [0; 4];
    reader.read_exact(&mut prefix).await?;
    let announced = u32::from_le_bytes(prefix);
    let len = usize::try_from(announced)
        .ok()
        .filter(|len| (1..=limit).contains(len))
        .ok_or(FrameError::Length(announced))?;
    let mut frame = vec![0; len];
    reader.read_exact(&mut frame).await?;
    Ok(frame)
}

/// Writes `message` as one frame.
pub(crate) async fn write_frame<W: AsyncWrite + Unpin>(
    writer: &mut W,
    message: &impl Encode,
) -> io::Result<()> {
    let message = message.encode();
    let len = u32::try_from(message.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "message above 4 GiB"))?;
    let mut frame = Vec::with_capacity(message.len().saturating_add(4));
    frame.extend_from_slice(&len.to_le_bytes());
    frame.extend_from_slice(&message);
    writer.write_all(&frame).await?;
    writer.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{executor::block_on, io::Cursor};
    use proptest::prelude::*;

    fn read(bytes: &[u8], limit: usize) -> Result<Vec<u8>, FrameError> {
        block_on(read_frame(&mut Cursor::new(bytes), limit))
    }

    #[test]
    fn four_gigabytes_are_refused_by_their_announcement() {
        let outcome = read(&u32::MAX.to_le_bytes(), 16 << 10);
        assert!(matches!(outcome, Err(FrameError::Length(u32::MAX))));
    }

    #[test]
    fn an_empty_frame_is_refused() {
        assert!(matches!(read(&[0; 8], 100), Err(FrameError::Length(0))));
    }

    #[test]
    fn a_frame_that_ends_early_is_an_end() {
        assert!(matches!(
            read(&[4, 0, 0, 0, 1], 100),
            Err(FrameError::Io(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(message: Vec<u8>) {
            let mut wire = Cursor::new(Vec::new());
            block_on(write_frame(&mut wire, &message)).unwrap();
            let frame = read(&wire.into_inner(), 1 << 20).unwrap();
            prop_assert_eq!(frame, message.encode());
        }

        #[test]
        fn arbitrary_bytes_never_give_more_than_the_limit(bytes: Vec<u8>, limit in 0usize..200) {
            if let Ok(frame) = read(&bytes, limit) {
                prop_assert!(frame.len() <= limit);
                prop_assert_eq!(&frame[..], &bytes[4..4 + frame.len()]);
            }
        }
    }
}
