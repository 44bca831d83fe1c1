//! Whether loops that `prange` and `par` ask for may run in parallel, as far as that can be seen while the crate is built.

use std::collections::BTreeMap;

use proc_macro2::Span;

use super::{Captured, PanicNodeKind};
use crate::analysis::parallel::{Analysis, Reason, ReasonKind, Verdict, visit_loops};
use crate::func::Function;
use crate::specialize::{BuildOptions, specialize};
use crate::stmt::{LoopRequest, StmtKind};
use crate::ty::ScalarTy;

/// A loop that was asked to run in parallel and cannot.
#[derive(Clone, Debug)]
pub struct SerialPrange {
    /// What asked: `prange` or `par`.
    pub word: &'static str,
    /// Why.
    pub reason: Reason,
    /// The first and the last token of the access or assignment that stands in the way; the loop's `for`, if there is none.
    pub first: (Span, Span),
    /// Those of the other one that it conflicts with, if it is another one.
    pub second: Option<(Span, Span)>,
}

impl SerialPrange {
    /// The way out.
    pub fn help(&self) -> String {
        let way = match self.reason.kind {
            ReasonKind::Leaves => "go through all iterations, and skip what is behind the end",
            ReasonKind::HostCall => {
                "put `#[jit]` on the function, or call it before or behind the loop"
            }
            ReasonKind::Carried => {
                "compute it from the loop's variable, or assign it before it is read"
            }
            ReasonKind::LastValue => "compute it behind the loop",
            ReasonKind::FloatOrder => "allow another order: `#[jit(fastmath(reassoc), parallel)]`",
            ReasonKind::Overflow => "use `wrapping_add`, or sum up in a loop of its own",
            ReasonKind::Dependence | ReasonKind::Overlap => {
                "store to a buffer that the loop does not read"
            }
            ReasonKind::Indirect => {
                "gather instead of scattering, each iteration storing to an element of its own"
            }
            ReasonKind::Form => "",
        };
        let word = self.word;
        let serial = match word {
            "par" => format!("leave out `{word}`, and the loop stays serial"),
            _ => format!("write the range without `{word}`, and the loop stays serial"),
        };
        match way {
            "" => serial,
            way => format!("{way}; or {serial}"),
        }
    }
}

impl Captured {
    /// The loops over a `prange` that are known not to be legal: under all of these options, which are those that the crate may be built with, and for
    /// all types of parameters. Of a function that depends on names that only rustc knows, nothing is known.
    pub fn serial_pranges(&self, options: &[BuildOptions]) -> Vec<SerialPrange> {
        let Some(function) = &self.lowered else {
            return Vec::new();
        };
        if self.requests.is_empty() {
            return Vec::new();
        }
        let is_generic = !function.type_params.is_empty();
        let mut found: Option<BTreeMap<crate::Span, Reason>> = None;
        for options in options {
            let mut serial = match specialized(function, options) {
                Some(function) => serial_loops(&function),
                None => BTreeMap::new(),
            };
            // Of another type, it may be another question.
            serial.retain(|_, reason| {
                let depends = matches!(reason.kind, ReasonKind::FloatOrder | ReasonKind::Overflow);
                !(is_generic && depends)
            });
            found = Some(match found {
                None => serial,
                Some(mut known) => {
                    known.retain(|span, _| serial.contains_key(span));
                    known
                }
            });
        }
        let problems = (found.unwrap_or_default().into_iter()).filter_map(|(span, reason)| {
            let place = |span: crate::Span| match span.is_unknown() {
                true => None,
                false => self.tokens_at(span),
            };
            let first = place(reason.first).or_else(|| place(span))?;
            let second = (reason.second != reason.first).then(|| place(reason.second));
            let asking = (self.requests.iter()).find(|request| request.loops.contains(&span));
            Some(SerialPrange {
                word: asking.map_or("prange", |request| request.word),
                reason,
                first,
                second: second.flatten(),
            })
        });
        problems.collect()
    }
}

impl Captured {
    /// The first and the last token of what starts at a place in the source: of an access `a[i]`, if it is one.
    fn tokens_at(&self, place: crate::Span) -> Option<(Span, Span)> {
        let first = self.token_at(place)?;
        let brackets = (self.panics.iter()).filter_map(|panic| match panic.kind {
            PanicNodeKind::Index { bracket } | PanicNodeKind::SubSlice { bracket }
                if self.function.spans.get(panic.node as usize) == Some(&place) =>
            {
                Some(bracket)
            }
            _ => None,
        });
        // Of `a[i][k]`, all.
        let last = brackets.max_by_key(|bracket| {
            let end = bracket.end();
            (end.line, end.column)
        });
        Some((first, last.unwrap_or(first)))
    }
}

/// The function for the first of a few types that it exists for; prepared as the pass finds it.
fn specialized(function: &Function, options: &BuildOptions) -> Option<Function> {
    let n_params = function.type_params.len();
    let function = [ScalarTy::F64, ScalarTy::U64].into_iter().find_map(|ty| {
        let types = vec![ty; n_params];
        specialize(function, &types, options).ok()
    })?;
    crate::transform::prepare_alone(function)
}

/// The loops that are asked to be parallel and are not legal, by their places. One that is there several times counts if none of them is.
fn serial_loops(function: &Function) -> BTreeMap<crate::Span, Reason> {
    let analysis = Analysis::of_function(function);
    let mut serial = BTreeMap::new();
    let mut legal = Vec::new();
    visit_loops(function, &mut |site| {
        if let StmtKind::For(counted) = &site.stmt.kind
            && counted.request == LoopRequest::Parallel
        {
            match analysis.of_loop(site).verdict {
                Verdict::Illegal(reason) => {
                    serial.entry(site.stmt.span).or_insert(reason);
                }
                Verdict::Legal | Verdict::LegalIf(_) => legal.push(site.stmt.span),
            }
        }
        true
    });
    serial.retain(|span, _| !legal.contains(span));
    serial
}
