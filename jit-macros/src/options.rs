//! The options of the attribute: `#[jit(fastmath, ..)]`.

mod parallel;

use hotloop_ir::{FastMath, Parallelism};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

/// What the attribute asks for.
#[derive(Debug, Default)]
pub(crate) struct JitOptions {
    /// `fastmath`: the liberties that float arithmetic may take.
    pub(crate) fastmath: Option<FastMath>,
    /// `host(path, ..)`: functions that may be called although they are not jitted.
    pub(crate) hosts: Vec<syn::Path>,
    /// `cache`: code is kept on disk.
    pub(crate) cache: bool,
    /// `parallel`: loops run in parallel.
    pub(crate) parallel: Option<Parallelism>,
    /// `require(..)`: what the code has to be.
    pub(crate) require: Option<Require>,
}

/// What `require(..)` names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Require {
    /// The word `require`.
    pub(crate) span: Span,
    /// Innermost loops are vectorized.
    pub(crate) vectorized: bool,
    /// No loop makes checks.
    pub(crate) no_checks: bool,
    /// Nothing is called that is not compiled.
    pub(crate) no_host_calls: bool,
    /// The loops that may run in parallel do.
    pub(crate) parallel: bool,
}

impl JitOptions {
    /// Whether nothing is asked for that is not the default.
    pub(crate) fn is_plain(&self) -> bool {
        let JitOptions {
            fastmath,
            hosts: _,
            cache,
            parallel,
            require,
        } = self;
        fastmath.is_none() && !cache && parallel.is_none() && require.is_none()
    }

    /// The liberties of float arithmetic; none without `fastmath`.
    pub(crate) fn liberties(&self) -> FastMath {
        self.fastmath.unwrap_or(FastMath::STRICT)
    }
}

/// One thing that is wrong with the attribute or the item below it.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    /// The last token, if there are several.
    pub(crate) last: Span,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Problem {
    pub(crate) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Problem {
            span,
            last: span,
            message: message.into(),
            help: help.into(),
        }
    }

    /// At several tokens, the first and the last of which are given.
    pub(crate) fn at(
        (first, last): (Span, Span),
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Problem {
            last,
            ..Problem::new(first, message, help)
        }
    }

    /// `compile_error!` at the token, with the help on a line of its own.
    pub(crate) fn to_compile_error(&self) -> TokenStream {
        let text = format!("{}\nhelp: {}", self.message, self.help);
        // rustc underlines a macro from its first to its last token.
        let arguments = quote_spanned! { self.last => { #text } };
        quote_spanned! { self.span => ::core::compile_error! #arguments }
    }
}

const OPTIONS: [&str; 5] = ["fastmath", "host", "require", "parallel", "cache"];
const REQUIREMENTS: [&str; 4] = ["vectorized", "no_checks", "no_host_calls", "parallel"];
const LIBERTIES: [&str; 5] = ["reassoc", "contract", "nsz", "arcp", "afn"];
const UNSAFE_LIBERTIES: [&str; 2] = ["nnan", "ninf"];

/// Reads the tokens between the parentheses of the attribute.
///
/// # Errors
///
/// Everything that is wrong with them, in order.
pub(crate) fn parse(tokens: TokenStream) -> Result<JitOptions, Vec<Problem>> {
    let mut options = JitOptions::default();
    let mut problems = Vec::new();
    for item in split(tokens, &OPTIONS, &mut problems) {
        let span = item.name.span();
        match item.name.to_string().as_str() {
            "fastmath" if !cfg!(feature = "fastmath") => problems.push(feature_is_off(&item.name)),
            "fastmath" if options.fastmath.is_some() => problems.push(duplicate(&item.name)),
            "fastmath" => {
                options.fastmath = Some(parse_fastmath(item.arguments, &mut problems));
            }
            "host" if !options.hosts.is_empty() => problems.push(duplicate(&item.name)),
            "host" => options.hosts = parse_hosts(&item.name, item.arguments, &mut problems),
            "require" if options.require.is_some() => problems.push(duplicate(&item.name)),
            "require" => {
                options.require = Some(parse_require(&item.name, item.arguments, &mut problems));
            }
            "cache" if !cfg!(feature = "cache") => problems.push(feature_is_off(&item.name)),
            "cache" if options.cache => problems.push(duplicate(&item.name)),
            "cache" => {
                options.cache = true;
                if item.arguments.is_some() {
                    problems.push(Problem::new(
                        span,
                        "`cache` takes no arguments",
                        "remove the parentheses",
                    ));
                }
            }
            "parallel" if !cfg!(feature = "parallel") => problems.push(feature_is_off(&item.name)),
            "parallel" if options.parallel.is_some() => problems.push(duplicate(&item.name)),
            "parallel" => {
                let parallel = parallel::parse(item.arguments, &mut problems);
                options.parallel = Some(parallel);
            }
            name => problems.push(unknown("option", name, span, &OPTIONS)),
        }
    }
    if let Some(require) = options.require
        && require.parallel
        && options.parallel.is_none()
        && problems.is_empty()
    {
        problems.push(Problem::new(
            require.span,
            "`require(parallel)` without the option `parallel`",
            "add the option: `#[jit(parallel, require(parallel))]`",
        ));
    }
    if problems.is_empty() {
        Ok(options)
    } else {
        Err(problems)
    }
}

/// `host(sample, crate::tables::lookup)`.
fn parse_hosts(
    name: &Ident,
    arguments: Option<TokenStream>,
    problems: &mut Vec<Problem>,
) -> Vec<syn::Path> {
    let help = "write the functions' paths as the calls do: `host(sample, tables::lookup)`";
    let list = Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
    let paths = match arguments {
        Some(arguments) => match list.parse2(arguments) {
            Ok(paths) => paths.into_iter().collect(),
            Err(error) => {
                problems.push(Problem::new(error.span(), "this is no path", help));
                return Vec::new();
            }
        },
        None => Vec::new(),
    };
    if paths.is_empty() {
        problems.push(Problem::new(name.span(), "`host` without functions", help));
    }
    paths
}

/// `require(vectorized, no_checks)`.
fn parse_require(
    name: &Ident,
    arguments: Option<TokenStream>,
    problems: &mut Vec<Problem>,
) -> Require {
    let mut required = Require {
        span: name.span(),
        vectorized: false,
        no_checks: false,
        no_host_calls: false,
        parallel: false,
    };
    let arguments = arguments.unwrap_or_default();
    if arguments.is_empty() {
        let help = format!("name what is required: {}", in_words(&REQUIREMENTS));
        problems.push(Problem::new(name.span(), "`require` without a list", help));
    }
    for item in split(arguments, &REQUIREMENTS, problems) {
        let span = item.name.span();
        let name = item.name.to_string();
        let requirement = match (name.as_str(), &item.arguments) {
            ("vectorized", None) => &mut required.vectorized,
            ("no_checks", None) => &mut required.no_checks,
            ("no_host_calls", None) => &mut required.no_host_calls,
            ("parallel", None) => &mut required.parallel,
            (known, Some(_)) if REQUIREMENTS.contains(&known) => {
                problems.push(Problem::new(
                    span,
                    format!("`{known}` takes no arguments"),
                    "remove the parentheses",
                ));
                continue;
            }
            (name, _) => {
                problems.push(unknown("requirement", name, span, &REQUIREMENTS));
                continue;
            }
        };
        grant(requirement, &item.name, problems);
    }
    required
}

/// `fastmath` alone, or with a list: `fastmath(reassoc, contract, unsafe(nnan))`.
fn parse_fastmath(arguments: Option<TokenStream>, problems: &mut Vec<Problem>) -> FastMath {
    let Some(arguments) = arguments else {
        return FastMath::ALGEBRAIC;
    };
    let mut granted = FastMath::STRICT;
    for item in split(arguments, &LIBERTIES, problems) {
        let span = item.name.span();
        match (item.name.to_string().as_str(), item.arguments) {
            ("unsafe", Some(arguments)) => {
                parse_unsafe_liberties(arguments, &mut granted, problems);
            }
            ("unsafe", None) => problems.push(Problem::new(
                span,
                "`unsafe` without a list",
                "write `unsafe(nnan)`, `unsafe(ninf)` or `unsafe(nnan, ninf)`",
            )),
            (name, Some(_)) => problems.push(Problem::new(
                span,
                format!("`{name}` takes no arguments"),
                "remove the parentheses",
            )),
            (name, None) => {
                let liberty = match name {
                    "reassoc" => &mut granted.reassoc,
                    "contract" => &mut granted.contract,
                    "nsz" => &mut granted.nsz,
                    "arcp" => &mut granted.arcp,
                    "afn" => &mut granted.afn,
                    "nnan" | "ninf" => {
                        problems.push(Problem::new(
                            span,
                            format!("`{name}` makes a wrong assumption undefined behaviour"),
                            format!(
                                "write `unsafe({name})` if no value here is ever NaN or infinite"
                            ),
                        ));
                        continue;
                    }
                    _ => {
                        problems.push(unknown("liberty", name, span, &LIBERTIES));
                        continue;
                    }
                };
                grant(liberty, &item.name, problems);
            }
        }
    }
    granted
}

fn parse_unsafe_liberties(
    arguments: TokenStream,
    granted: &mut FastMath,
    problems: &mut Vec<Problem>,
) {
    for item in split(arguments, &UNSAFE_LIBERTIES, problems) {
        let span = item.name.span();
        match (item.name.to_string().as_str(), item.arguments) {
            ("nnan", None) => grant(&mut granted.nnan, &item.name, problems),
            ("ninf", None) => grant(&mut granted.ninf, &item.name, problems),
            (name, None) if LIBERTIES.contains(&name) => problems.push(Problem::new(
                span,
                format!("`{name}` is not unsafe"),
                "write it outside of `unsafe(..)`",
            )),
            (name, _) => problems.push(unknown("liberty", name, span, &UNSAFE_LIBERTIES)),
        }
    }
}

fn grant(liberty: &mut bool, name: &Ident, problems: &mut Vec<Problem>) {
    if *liberty {
        problems.push(duplicate(name));
    }
    *liberty = true;
}

/// `name` or `name(..)` in a list.
struct Item {
    name: Ident,
    arguments: Option<TokenStream>,
}

/// Splits a list at its commas. What is no `name` or `name(..)` is a problem, and the list goes on behind the next comma.
fn split(tokens: TokenStream, known: &[&str], problems: &mut Vec<Problem>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else {
            let help = format!("write names, separated by commas: {}", in_words(known));
            problems.push(Problem::new(token.span(), "this is no option", help));
            skip_to_comma(&mut tokens);
            continue;
        };
        let arguments = match tokens.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                let stream = group.stream();
                tokens.next();
                Some(stream)
            }
            _ => None,
        };
        match tokens.peek() {
            None => {}
            Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => {
                tokens.next();
            }
            Some(other) => {
                let message = format!("unexpected token behind `{name}`");
                let help = "separate the names by commas; none of them takes a value";
                problems.push(Problem::new(other.span(), message, help));
                skip_to_comma(&mut tokens);
            }
        }
        items.push(Item { name, arguments });
    }
    items
}

fn skip_to_comma(tokens: &mut impl Iterator<Item = TokenTree>) {
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    for token in tokens {
        if is_comma(&token) {
            break;
        }
    }
}

fn unknown(what: &str, name: &str, span: Span, known: &[&str]) -> Problem {
    let near = known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len() / 3 + 1);
    let help = match near {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", in_words(known)),
    };
    Problem::new(span, format!("unknown {what} `{name}`"), help)
}

fn duplicate(name: &Ident) -> Problem {
    Problem::new(
        name.span(),
        format!("`{name}` is given twice"),
        "remove one",
    )
}

fn feature_is_off(name: &Ident) -> Problem {
    Problem::new(
        name.span(),
        format!("the option `{name}` needs the feature `{name}` of hotloop, which is off"),
        format!("enable it in Cargo.toml: hotloop = {{ features = [\"{name}\"] }}"),
    )
}

fn in_words(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The edit distance: how many letters to insert, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn liberties(source: &str) -> FastMath {
        parse(source.parse().unwrap()).unwrap().liberties()
    }

    fn problems(source: &str) -> Vec<String> {
        let problems = parse(source.parse().unwrap()).unwrap_err();
        problems
            .iter()
            .map(|problem| format!("{}; {}", problem.message, problem.help))
            .collect()
    }

    #[test]
    fn without_options_floats_are_strict() {
        assert_eq!(liberties(""), FastMath::STRICT);
    }

    #[cfg(feature = "fastmath")]
    #[test]
    fn fastmath_grants_what_cannot_be_undefined_behaviour() {
        assert_eq!(liberties("fastmath"), FastMath::ALGEBRAIC);
        assert_eq!(liberties("fastmath,"), FastMath::ALGEBRAIC);
        let fewer = liberties("fastmath(contract, reassoc)");
        assert_eq!(
            fewer,
            FastMath {
                contract: true,
                reassoc: true,
                ..FastMath::STRICT
            }
        );
        let more = liberties("fastmath(afn, unsafe(nnan, ninf))");
        assert!(more.afn && more.nnan && more.ninf && !more.reassoc);
    }

    #[cfg(feature = "fastmath")]
    #[test]
    fn near_misses_get_a_suggestion() {
        assert_eq!(
            problems("fastmaths"),
            ["unknown option `fastmaths`; did you mean `fastmath`?"]
        );
        assert_eq!(
            problems("fast_math"),
            ["unknown option `fast_math`; did you mean `fastmath`?"]
        );
        assert_eq!(
            problems("fastmath(reasoc)"),
            ["unknown liberty `reasoc`; did you mean `reassoc`?"]
        );
        assert_eq!(
            problems("nogil"),
            [
                "unknown option `nogil`; known are `fastmath`, `host`, `require`, `parallel`, `cache`"
            ]
        );
    }

    #[cfg(feature = "fastmath")]
    #[test]
    fn every_problem_is_reported() {
        let found = problems("fastmath, fastmath, cache(3), cache = 3, 4");
        assert_eq!(
            found,
            [
                "unexpected token behind `cache`; separate the names by commas; none of them takes a value",
                "this is no option; write names, separated by commas: `fastmath`, `host`, `require`, `parallel`, `cache`",
                "`fastmath` is given twice; remove one",
                "`cache` takes no arguments; remove the parentheses",
                "`cache` is given twice; remove one",
            ]
        );
    }

    #[cfg(feature = "fastmath")]
    #[test]
    fn nan_assumptions_must_be_marked() {
        assert!(problems("fastmath(nnan)")[0].contains("write `unsafe(nnan)`"));
        assert!(problems("fastmath(unsafe(afn))")[0].contains("`afn` is not unsafe"));
        assert!(problems("fastmath(unsafe)")[0].contains("without a list"));
        assert!(problems("fastmath(contract, contract)")[0].contains("given twice"));
    }

    #[test]
    fn requirements() {
        let required = parse("require(vectorized, no_host_calls)".parse().unwrap());
        let required = required.unwrap().require.unwrap();
        assert!(required.vectorized && required.no_host_calls && !required.no_checks);
        assert_eq!(
            problems("require(parallel)"),
            [
                "`require(parallel)` without the option `parallel`; add the option: `#[jit(parallel, require(parallel))]`"
            ]
        );
        assert_eq!(
            problems("require, require(no_check, parallel)"),
            [
                "`require` without a list; name what is required: `vectorized`, `no_checks`, `no_host_calls`, `parallel`",
                "`require` is given twice; remove one",
            ]
        );
        assert_eq!(
            problems("require(no_check, parallel, vectorized(8), no_checks, no_checks)"),
            [
                "unknown requirement `no_check`; did you mean `no_checks`?",
                "`vectorized` takes no arguments; remove the parentheses",
                "`no_checks` is given twice; remove one",
            ]
        );
    }

    #[cfg(not(feature = "parallel"))]
    #[test]
    fn without_the_feature_there_is_no_parallel_loop() {
        assert_eq!(
            problems("parallel(threads = 2)"),
            [
                "the option `parallel` needs the feature `parallel` of hotloop, which is off; \
                 enable it in Cargo.toml: hotloop = { features = [\"parallel\"] }"
            ]
        );
    }

    #[cfg(not(feature = "fastmath"))]
    #[test]
    fn an_option_whose_feature_is_off_names_it() {
        assert_eq!(
            problems("fastmath"),
            [
                "the option `fastmath` needs the feature `fastmath` of hotloop, which is off; \
                 enable it in Cargo.toml: hotloop = { features = [\"fastmath\"] }"
            ]
        );
    }
}
