//! The jitted loops. An image is one plane per channel: `width * height` values in 0 to 255, row by row.

use hotloop::jit;

/// The brightness of each pixel as the eye weighs the channels (ITU-R BT.709).
#[jit]
pub(crate) fn luminance(red: &[f32], green: &[f32], blue: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        out[i] = 0.2126 * red[i] + 0.7152 * green[i] + 0.0722 * blue[i];
    }
}

/// Along the rows: each pixel becomes the weighted sum of as many pixels as there are taps. Rows of `padded` are longer by
/// `taps.len() - 1`, so that no pixel lacks neighbours.
#[jit]
pub(crate) fn blur_rows(
    width: usize,
    height: usize,
    taps: &[f32],
    padded: &[f32],
    out: &mut [f32],
) {
    let stride = width + taps.len() - 1;
    for y in 0..height {
        for x in 0..width {
            out[y * width + x] = 0.0;
        }
        for k in 0..taps.len() {
            let tap = taps[k];
            for x in 0..width {
                out[y * width + x] += tap * padded[y * stride + x + k];
            }
        }
    }
}

/// The same along the columns: `padded` has `taps.len() - 1` more rows.
#[jit]
pub(crate) fn blur_columns(
    width: usize,
    height: usize,
    taps: &[f32],
    padded: &[f32],
    out: &mut [f32],
) {
    for y in 0..height {
        for x in 0..width {
            out[y * width + x] = 0.0;
        }
        for k in 0..taps.len() {
            let tap = taps[k];
            for x in 0..width {
                out[y * width + x] += tap * padded[(y + k) * width + x];
            }
        }
    }
}

/// How steeply the brightness changes at each pixel: the length of Sobel's gradient. The border is left as it is.
#[jit]
pub(crate) fn sobel(width: usize, height: usize, luma: &[f32], out: &mut [f32]) {
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let p = y * width + x;
            let right = luma[p + 1 - width] + 2.0 * luma[p + 1] + luma[p + 1 + width];
            let left = luma[p - 1 - width] + 2.0 * luma[p - 1] + luma[p - 1 + width];
            let below = luma[p + width - 1] + 2.0 * luma[p + width] + luma[p + width + 1];
            let above = luma[p - width - 1] + 2.0 * luma[p - width] + luma[p - width + 1];
            let dx = right - left;
            let dy = below - above;
            out[p] = (dx * dx + dy * dy).sqrt();
        }
    }
}

/// Counts how many pixels have each of 256 levels of brightness.
#[jit]
pub(crate) fn histogram(luma: &[f32], bins: &mut [u32]) {
    for level in 0..bins.len() {
        bins[level] = 0;
    }
    for i in 0..luma.len() {
        let level = ((luma[i] + 0.5) as usize).min(bins.len() - 1);
        bins[level] += 1;
    }
}

/// The brightness that each level gets, so that all levels become equally frequent: the share of pixels that are no brighter,
/// stretched to 0 to 255.
#[jit]
pub(crate) fn cumulate(bins: &[u32], table: &mut [f32]) {
    let mut total = 0;
    let mut darkest = 0;
    for level in 0..bins.len() {
        if total == 0 {
            darkest = bins[level];
        }
        total += bins[level];
    }
    let range = (total - darkest).max(1) as f32;
    let mut sum = 0;
    for level in 0..bins.len() {
        sum += bins[level];
        table[level] = 255.0 * (sum.max(darkest) - darkest) as f32 / range;
    }
}

/// Gives each pixel of one channel its new brightness, and keeps its colour: the same difference is added to all channels.
#[jit]
pub(crate) fn equalize(table: &[f32], luma: &[f32], channel: &[f32], out: &mut [f32]) {
    for i in 0..out.len() {
        let level = ((luma[i] + 0.5) as usize).min(table.len() - 1);
        out[i] = (channel[i] + table[level] - luma[i]).max(0.0).min(255.0);
    }
}
