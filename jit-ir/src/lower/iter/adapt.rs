//! Methods that make an iterator of an iterator.

use super::{Iter, IterId};
use crate::expr::ExprId;
use crate::func::SiteKind;
use crate::hir;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

impl Lowering<'_> {
    /// `None`: the method is no adaptor.
    pub(super) fn lower_adaptor(
        &mut self,
        id: IterId,
        call: &hir::ExprMethodCall,
    ) -> Option<ExprId> {
        let span = call.method.span();
        let name = call.method.name.as_str();
        let iter = match (name, call.args.as_slice()) {
            ("into_iter" | "fuse", []) => return Some(self.placeholder(ITy::Iter(id), span)),
            ("par", []) => {
                let again = self.iter(id);
                let asking = self.new_iter(again, self.iter_span(id));
                self.ask_for_loop(asking, span);
                return Some(self.placeholder(ITy::Iter(asking), span));
            }
            ("by_ref", []) => Iter::ByRef(id),
            ("clone", []) => {
                let id = self.clone_iter(id);
                return Some(self.placeholder(ITy::Iter(id), span));
            }
            ("copied" | "cloned", []) => Iter::Copied(id),
            ("enumerate", []) => Iter::Enumerate(id, None),
            ("rev", []) => match self.iter(id) {
                Iter::Rev(of) => return Some(self.placeholder(ITy::Iter(of), span)),
                _ => Iter::Rev(id),
            },
            ("flatten", []) => Iter::Flatten(id),
            ("zip", [other]) => Iter::Zip(id, self.lower_iter_argument(other)?),
            ("chain", [other]) => Iter::Chain(id, self.lower_iter_argument(other)?, None),
            ("map", [f]) => Iter::Map(id, self.lower_callable(f)),
            ("filter", [f]) => Iter::Filter(id, self.lower_callable(f)),
            ("filter_map", [f]) => Iter::FilterMap(id, self.lower_callable(f)),
            ("inspect", [f]) => Iter::Inspect(id, self.lower_callable(f)),
            ("take_while", [f]) => Iter::TakeWhile(id, self.lower_callable(f), None),
            ("skip_while", [f]) => Iter::SkipWhile(id, self.lower_callable(f), None),
            ("map_while", [f]) => Iter::MapWhile(id, self.lower_callable(f)),
            ("flat_map", [f]) => Iter::FlatMap(id, self.lower_callable(f)),
            ("scan", [state, f]) => {
                let state = self.lower_operand(state);
                let f = self.lower_callable(f);
                // A variable that the closure may assign.
                let local = self.push_local("state", self.ty_of(state), true, span);
                self.assign(local, state);
                Iter::Scan(id, local, f)
            }
            ("skip" | "take" | "step_by", [count]) => {
                let count = self.lower_operand(count);
                self.expect_expr(count, &ITy::USIZE);
                let count = self.evaluate(count);
                match name {
                    "skip" => Iter::Skip(id, count, None),
                    "take" => Iter::Take(id, count, None),
                    _ => {
                        self.check_nonzero(count, SiteKind::StepBy, span);
                        Iter::StepBy(id, count, None)
                    }
                }
            }
            ("peekable", []) => self.new_peekable(id, span),
            ("cycle", []) => {
                // What has begun already is kept as it is now, to begin with again.
                let state = match self.begins_anew(id) && !self.keeps_state(id) {
                    true => None,
                    false => return Some(self.cycle_of_state(id, span)),
                };
                Iter::Cycle { of: id, state }
            }
            _ => return None,
        };
        Some(self.push_iter(iter, span))
    }

    /// Something that is iterated over beside the receiver.
    fn lower_iter_argument(&mut self, expr: &hir::Expr) -> Option<IterId> {
        match self.lower_iter(expr) {
            Some(id) => Some(id),
            // Reported; the rest of the pipeline is looked at all the same.
            None => Some(self.new_iter(Iter::Opaque(ITy::REPORTED), expr.span())),
        }
    }

    /// The repetition of an iterator that has state.
    fn cycle_of_state(&mut self, id: IterId, span: hir::Span) -> ExprId {
        let iter = self.materialize_cycle(id, span);
        self.push_iter(iter, span)
    }
}
