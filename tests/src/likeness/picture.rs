//! Pictures in memory, and as files.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

use super::REDUCTION;

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// Rows of colours, from the upper left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<Colour>,
}

impl Picture {
    /// A picture in which the colour of each place, `right` and `down` from the corner, is asked for.
    pub(super) fn painted(
        width: usize,
        height: usize,
        paint: impl Fn(usize, usize) -> Colour,
    ) -> Self {
        let places = (0..height).flat_map(|down| (0..width).map(move |right| (right, down)));
        Self { width, pixels: places.map(|(right, down)| paint(right, down)).collect() }
    }

    /// Reads a file.
    pub fn read(png: &[u8]) -> Result<Self> {
        let mut decoder = Decoder::new(Cursor::new(png));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().context("a picture fits memory")?];
        let frame = reader.next_frame(&mut bytes)?;
        let channels = frame.color_type.samples();
        ensure!(channels >= 3, "a picture has colours, and not {:?}", frame.color_type);
        let colours = bytes[..frame.buffer_size()].chunks_exact(channels);
        let pixels = colours.map(|colour| [colour[0], colour[1], colour[2]]).collect();
        Ok(Self { width: frame.width as usize, pixels })
    }

    /// The picture as a file, as small as it gets.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let (width, height) = (u32::try_from(self.width)?, u32::try_from(self.height())?);
        let mut encoder = Encoder::new(&mut file, width, height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        encoder.set_filter(Filter::Adaptive);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(file)
    }

    /// An eighth of it in each direction: a pixel is the mean of the square it stands for, or of what the picture has of that square.
    #[must_use]
    pub fn reduced(&self) -> Self {
        let bands = self.pixels.chunks(self.width * REDUCTION);
        let pixels = bands.flat_map(|band| reduced_row(band, self.width)).collect();
        Self { width: self.width.div_ceil(REDUCTION), pixels }
    }

    /// How many pixels it is wide.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many pixels it is high.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    pub(super) fn pixels(&self) -> &[Colour] {
        &self.pixels
    }
}

/// The row that a band of rows becomes.
fn reduced_row(band: &[Colour], width: usize) -> Vec<Colour> {
    let mut squares = vec![([0_usize; 3], 0_usize); width.div_ceil(REDUCTION)];
    for row in band.chunks(width) {
        for (part, (sums, count)) in row.chunks(REDUCTION).zip(&mut squares) {
            for colour in part {
                for (sum, channel) in sums.iter_mut().zip(colour) {
                    *sum += usize::from(*channel);
                }
            }
            *count += part.len();
        }
    }
    let mean = |sum, count| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX);
    squares.into_iter().map(|(sums, count)| sums.map(|sum| mean(sum, count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_as_it_was_written() {
        let picture = Picture::painted(19, 7, |right, down| {
            [right, down, right * down].map(|channel| u8::try_from(channel).unwrap())
        });
        assert_eq!(Picture::read(&picture.write().unwrap()).unwrap(), picture);
    }

    #[test]
    fn what_is_left_at_the_edges_is_reduced_by_itself() {
        let split = |right: usize, down: usize| {
            [if right < 12 { 0 } else { 200 }, 0, if down < 8 { 7 } else { 9 }]
        };
        let reduced = Picture::painted(18, 9, split).reduced();
        assert_eq!((reduced.width(), reduced.height()), (3, 2));
        let row = |blue: u8| [[0, 0, blue], [100, 0, blue], [200, 0, blue]];
        assert_eq!(reduced.pixels(), [row(7), row(9)].as_flattened());
    }
}
