//! `prange(0..n)` and `iter.par()`: loops that are asked to run in parallel.

use super::diag::{Code, Diagnostic};
use super::iter::IterId;
use super::state::Lowering;
use crate::hir::{self, Span};
use crate::span::Span as Place;
use crate::stmt::{LoopRequest, Stmt, StmtKind};

/// A use of a word that asks for a parallel loop.
#[derive(Clone, Debug)]
pub struct ParallelRequest {
    /// The word where it is called.
    pub name: Span,
    /// `prange` or `par`.
    pub word: &'static str,
    /// Where the loops are that it asks for.
    pub loops: Vec<Place>,
}

/// The name and the argument of a call of `prange`, by whatever path.
pub(super) fn prange_call(call: &hir::ExprCall) -> Option<(Span, &hir::Expr)> {
    let (hir::Expr::Path(path), [range]) = (&*call.func, call.args.as_slice()) else {
        return None;
    };
    let name = &path.path.segments.last()?.ident;
    (*name == "prange").then_some((name.span, range))
}

/// The word in what a `for` runs over, if that is a `prange`, perhaps with `rev` and `step_by` behind it, or a range with `par`.
fn word_in(expr: &hir::Expr) -> Option<(&'static str, Span)> {
    match expr {
        hir::Expr::Paren(inner) => word_in(&inner.expr),
        hir::Expr::Group(inner) => word_in(&inner.expr),
        hir::Expr::Call(call) => prange_call(call).map(|(name, _)| ("prange", name)),
        hir::Expr::MethodCall(call) => match call.method.name.as_str() {
            "par" => Some(("par", call.method.span())),
            "rev" | "step_by" | "into_iter" => word_in(&call.receiver),
            _ => None,
        },
        _ => None,
    }
}

/// The `prange` in what a `for` runs over.
pub(super) fn prange_in(expr: &hir::Expr) -> Option<(&'static str, Span)> {
    word_in(expr).filter(|(word, _)| *word == "prange")
}

impl Lowering<'_> {
    /// What is asked for with a `for` over this range.
    pub(super) fn request_of(&mut self, expr: &hir::Expr, for_token: Span) -> LoopRequest {
        let Some((word, name)) = word_in(expr) else {
            return LoopRequest::Auto;
        };
        self.note_request(word, name);
        let place = self.position(for_token);
        self.note_loop(name, place);
        LoopRequest::Parallel
    }

    /// Remembers a word that asks for a parallel loop, for which the function needs an option.
    pub(super) fn note_request(&mut self, word: &'static str, name: Span) {
        let known = self.requests.iter().any(|request| request.name == name);
        if self.current.context.is_none() && !known {
            let loops = Vec::new();
            self.requests.push(ParallelRequest { name, word, loops });
        }
    }

    fn note_loop(&mut self, name: Span, place: Place) {
        let mut known = (self.requests.iter_mut()).filter(|request| request.name == name);
        if let Some(request) = known.next() {
            request.loops.push(place);
        }
    }

    /// `iter.par()`: the same, and the loop over it is asked for.
    pub(super) fn ask_for_loop(&mut self, iter: IterId, name: Span) {
        self.note_request("par", name);
        self.asking.push((iter, name));
    }

    /// Emits the loop that an iterator became, with the request at it.
    pub(super) fn emit_requested(
        &mut self,
        mut stmts: Vec<Stmt>,
        asked: Option<(&'static str, Span)>,
    ) {
        let Some((word, name)) = asked else {
            self.emit_all(stmts);
            return;
        };
        let mut places = Vec::new();
        let found = request(&mut stmts, &mut places);
        if found == 1 {
            self.note_request(word, name);
            for place in places {
                self.note_loop(name, place);
            }
        } else if self.diags.is_empty() {
            let text = not_one_loop(word);
            self.diags.report(Code::Loop, name, text, example(word));
        }
        self.emit_all(stmts);
    }

    /// What is wrong with a `par` that nothing runs over.
    pub(super) fn idle_request(&self) -> Option<Diagnostic> {
        let idle = |request: &&ParallelRequest| request.word == "par" && request.loops.is_empty();
        let request = self.requests.iter().find(idle)?;
        Some(Diagnostic {
            code: Code::Loop,
            message: not_one_loop("par"),
            help: example("par").to_owned(),
            span: request.name,
            origin: 0,
        })
    }
}

fn not_one_loop(word: &str) -> String {
    format!("this `{word}` is not one counted loop")
}

fn example(word: &str) -> &'static str {
    match word {
        "par" => "ask for loops over indices, elements or rows: `for x in a.iter_mut().par()`",
        _ => "write the range where the loop is: `for i in prange(0..n)`",
    }
}

/// Puts the request at the outermost loops of a block, each of which is the same one of the source; how many run one behind the other.
fn request(stmts: &mut [Stmt], places: &mut Vec<Place>) -> usize {
    let mut found = 0;
    for stmt in stmts {
        found += match &mut stmt.kind {
            StmtKind::For(counted) => {
                counted.request = LoopRequest::Parallel;
                places.push(stmt.span);
                1
            }
            StmtKind::Labeled { body, .. } => request(&mut body.stmts, places),
            StmtKind::If {
                then, otherwise, ..
            } => request(&mut then.stmts, places).max(request(&mut otherwise.stmts, places)),
            // No counted loop, but a loop.
            StmtKind::While { .. } | StmtKind::Forever { .. } => 2,
            _ => 0,
        };
    }
    found
}
