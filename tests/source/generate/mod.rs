//! Random functions in Rust's syntax, the same for the same seed: well typed, accepted by the borrow checker, finite.
//! What they compute does not depend on what Rust leaves open: bits of NaN are not looked at, nor is the sign of a zero that
//! `min` or `max` returned. They panic now and then, in the middle of what they do.
//!
//! Text is generated directly, by recursion over types. What is in scope, and what borrows leave possible, is in `scope`.

mod calls;
mod data;
mod exprs;
mod functions;
mod generic;
mod items;
mod iterators;
mod lets;
mod locals;
mod macros;
mod named;
mod numbers;
mod results;
mod rng;
mod scope;
mod stmts;
mod types;

use std::fmt::Write as _;

use items::Items;
use rng::Rng;
use scope::Var;
use types::Ty;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where random numbers start.
    pub seed: u64,
    /// How many functions.
    pub count: usize,
    /// What their names begin with.
    pub prefix: String,
}

/// The text of a module: items, functions, and `run_all`, which compares each function with rustc's.
#[must_use]
pub fn generate(config: &Config) -> String {
    let mut rng = Rng::new(config.seed);
    let (mut items, mut text) = Items::generate(&mut rng);
    let mut calls = String::new();
    for index in 0..config.count {
        let mut own = Rng::new(rng.next());
        let made = functions::function(&mut own, &mut items, config, index);
        let _ = write!(text, "\n{}", made.text);
        text.push_str(&made.driver);
        for line in made.driver.lines() {
            if let Some(name) = line
                .strip_prefix("fn ")
                .and_then(|line| line.split('(').next())
            {
                let _ = writeln!(calls, "    {name}(tally);");
            }
        }
    }
    let _ = writeln!(
        text,
        "\npub(crate) fn run_all(tally: &mut Tally) {{\n{calls}}}"
    );
    text
}

/// A loop that statements can leave.
struct LoopScope {
    label: Option<String>,
}

/// The function that is being generated.
struct Gen<'a> {
    rng: &'a mut Rng,
    items: &'a Items,
    scope: Vec<Var>,
    out: String,
    indent: usize,
    names: u32,
    /// How many more statements and expressions there may be, about.
    budget: u32,
    /// How often what comes next runs, about.
    weight: u32,
    /// Whether expressions may change variables.
    effects: bool,
    ret: Ty,
    returns: bool,
    loops: Vec<LoopScope>,
    expr_depth: u32,
    /// The function itself, if it may call itself.
    recursion: Option<items::Callee>,
    /// What its type parameter is, if it has one.
    param: Option<types::Class>,
}
