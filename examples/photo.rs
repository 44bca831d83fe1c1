//! A photograph through jitted loops: blurred, its edges, its contrast equalized.
//!
//! ```text
//! cargo run --release --example photo                            the photograph in examples/data
//! cargo run --release --example photo -- IMAGE [--out DIR]       your own, PNG or JPEG
//! ```
//!
//! Writes `blurred.png`, `edges.png` and `equalized.png`, and prints what each loop took as rustc compiled it and as the JIT did. The
//! two have to agree to the bit, or the example fails.

#[path = "photo/compare.rs"]
mod compare;
#[path = "photo/kernels.rs"]
#[allow(
    clippy::needless_range_loop,
    clippy::manual_clamp,
    reason = "the kernels keep to what #[jit] captures: plain indices, and nothing that can panic out of sight"
)]
mod kernels;
#[path = "photo/picture.rs"]
mod picture;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use compare::{Session, Times, kernel, not_compiled, table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernels::{blur_columns, blur_rows, cumulate, equalize, histogram, luminance, sobel};
use picture::{Picture, gaussian, pad};

/// The photograph that comes with the examples.
const PHOTOGRAPH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/retina.jpg");
/// The blur's standard deviation in pixels.
const SIGMA: f32 = 4.0;
/// Edges are drawn this much brighter than they are steep.
const EDGE_GAIN: f32 = 3.0;

/// Runs jitted image kernels on a photograph, and times them.
#[derive(Parser)]
struct Arguments {
    /// The image, PNG or JPEG [default: the photograph in examples/data].
    image: Option<PathBuf>,
    /// Where the results go [default: target/photo if there is a folder target, else the system's folder for temporary files].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("photo: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let path = arguments.image.as_deref().unwrap_or(Path::new(PHOTOGRAPH));
    let folder = arguments.out.clone().unwrap_or_else(default_folder);
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;

    let progress = progress_after(Duration::from_secs(1));
    progress.set_message("reading");
    let picture =
        Picture::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut session = Session {
        times: Vec::new(),
        progress,
    };

    let [red, green, blue] = &picture.planes;
    let n_pixels = picture.width * picture.height;
    let luma = session.run(&kernel!(luminance(red, green, blue)), n_pixels)?;
    let blurred = blur(&picture, &mut session)?;
    let edges = session.run(
        &kernel!(sobel(picture.width, picture.height, &luma)),
        n_pixels,
    )?;
    let equalized = equalize_all(&picture, &luma, &mut session)?;

    session.progress.set_message("writing");
    let write = |name: &str, picture: &Picture| {
        let path = folder.join(name);
        picture
            .write(&path)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("blurred.png", &picture.with(blurred))?;
    write(
        "edges.png",
        &picture.with([0; 3].map(|_| edges.iter().map(|edge| EDGE_GAIN * edge).collect())),
    )?;
    write("equalized.png", &picture.with(equalized))?;
    session.progress.finish_and_clear();

    println!(
        "{}, {} x {} pixels",
        path.display(),
        picture.width,
        picture.height
    );
    report(&session.times);
    println!(
        "blurred.png, edges.png and equalized.png are in {}",
        folder.display()
    );
    Ok(())
}

/// Each channel blurred by a Gaussian, along the rows and then along the columns.
fn blur(picture: &Picture, session: &mut Session) -> Result<[Vec<f32>; 3], String> {
    let Picture {
        width,
        height,
        ref planes,
    } = *picture;
    let taps = gaussian(SIGMA);
    let margin = taps.len() / 2;
    let padded_height = height + 2 * margin;
    let mut blur_plane = |plane: &[f32]| {
        let padded = pad(width, height, plane, margin);
        let rows = kernel!(blur_rows(width, padded_height, &taps, &padded));
        let rows = session.run(&rows, width * padded_height)?;
        session.run(
            &kernel!(blur_columns(width, height, &taps, &rows)),
            width * height,
        )
    };
    let [red, green, blue] = planes;
    Ok([blur_plane(red)?, blur_plane(green)?, blur_plane(blue)?])
}

/// Each channel with its brightness spread so that all levels are equally frequent.
fn equalize_all(
    picture: &Picture,
    luma: &[f32],
    session: &mut Session,
) -> Result<[Vec<f32>; 3], String> {
    let bins = session.run(&kernel!(histogram(luma)), 256)?;
    let table = session.run(&kernel!(cumulate(&bins)), 256)?;
    let mut equalize_plane =
        |plane: &[f32]| session.run(&kernel!(equalize(&table, luma, plane)), plane.len());
    let [red, green, blue] = &picture.planes;
    Ok([
        equalize_plane(red)?,
        equalize_plane(green)?,
        equalize_plane(blue)?,
    ])
}

/// Prints the table, and what has to be known to read it.
fn report(times: &[Times]) {
    println!("{}", table(times));
    println!("One call on one plane, the median of several.");
    let not_compiled = not_compiled(times);
    if not_compiled.len() == times.len() {
        println!("The JIT compiled nothing: rustc's bodies ran in its place.");
        return;
    }
    println!("Both sides agree to the bit. The first call of all also opens LLVM.");
    if !not_compiled.is_empty() {
        let names = not_compiled.join(", ");
        println!("The JIT did not compile {names}: rustc's body ran in its place.");
    }
    if cfg!(debug_assertions) {
        println!("A debug build: rustc's bodies are not optimized. Compare with --release.");
    }
}

/// `target/photo` where there is a build folder, else a folder among the temporary files.
fn default_folder() -> PathBuf {
    let target = Path::new("target");
    if target.is_dir() {
        target.join("photo")
    } else {
        std::env::temp_dir().join("hotloop-photo")
    }
}

/// A display of what is being done, shown once `delay` has passed and not before.
fn progress_after(delay: Duration) -> ProgressBar {
    let progress = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
        .expect("the template is well-formed");
    progress.set_style(style);
    let shown = progress.downgrade();
    thread::spawn(move || {
        thread::sleep(delay);
        if let Some(progress) = shown.upgrade().filter(|progress| !progress.is_finished()) {
            progress.set_draw_target(ProgressDrawTarget::stderr());
            progress.enable_steady_tick(Duration::from_millis(200));
        }
    });
    progress
}
