//! Pictures as planes of `f32`, from files and into files.

use std::path::Path;

use image::{ImageError, ImageReader, RgbImage};

/// A colour picture: a plane per channel, values 0 to 255.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green, blue.
    pub(crate) planes: [Vec<f32>; 3],
}

impl Picture {
    /// Reads a PNG or JPEG file, whichever its first bytes say it is.
    ///
    /// # Errors
    /// If there is no such file, or none that can be decoded.
    pub(crate) fn read(path: &Path) -> Result<Picture, ImageError> {
        let image = ImageReader::open(path)?
            .with_guessed_format()?
            .decode()?
            .into_rgb8();
        let plane = |channel: usize| {
            image
                .pixels()
                .map(|pixel| f32::from(pixel.0[channel]))
                .collect()
        };
        Ok(Picture {
            width: image.width() as usize,
            height: image.height() as usize,
            planes: [plane(0), plane(1), plane(2)],
        })
    }

    /// A picture of the same size with other planes.
    pub(crate) fn with(&self, planes: [Vec<f32>; 3]) -> Picture {
        Picture { planes, ..*self }
    }

    /// Writes the picture in the format that the path's extension names.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ImageError> {
        let [red, green, blue] = &self.planes;
        let mut image = RgbImage::new(self.width as u32, self.height as u32);
        for (i, pixel) in image.pixels_mut().enumerate() {
            pixel.0 = [to_byte(red[i]), to_byte(green[i]), to_byte(blue[i])];
        }
        image.save(path)
    }
}

/// A plane with `margin` more pixels on each of the four sides, each a copy of the nearest one.
pub(crate) fn pad(width: usize, height: usize, plane: &[f32], margin: usize) -> Vec<f32> {
    let nearest = |i: usize, length: usize| i.saturating_sub(margin).min(length - 1);
    let row = |y: usize| (0..width + 2 * margin).map(move |x| plane[y * width + nearest(x, width)]);
    (0..height + 2 * margin)
        .flat_map(|y| row(nearest(y, height)))
        .collect()
}

/// The taps of a Gaussian with standard deviation `sigma` in pixels, three of them to either side; their sum is 1.
pub(crate) fn gaussian(sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil();
    let weight = |k: f32| (-0.5 * (k / sigma).powi(2)).exp();
    let weights: Vec<f32> = (0..=2 * radius as usize)
        .map(|k| weight(k as f32 - radius))
        .collect();
    let sum: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Rounds to the nearest byte.
fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}
