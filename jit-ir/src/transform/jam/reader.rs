//! Reads an iteration of a loop: which elements it uses, and what is known of the variables there.

use std::collections::HashSet;

use crate::analysis::affine::Scope;
use crate::analysis::differences::{AtLeast, Unknown};
use crate::analysis::effects::Effects;
use crate::analysis::poly::{Poly, Symbol};
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::Ty;

/// Numbers that are added to symbols are below this.
const NEAR: i128 = 1024;
/// More accesses take too long to compare.
const MAX_ACCESSES: usize = 48;

/// The part of an iteration that something is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Before,
    Inner,
    Behind,
}

/// `first - second >= number`, of symbols or 0.
pub(super) type Bound = (Option<Symbol>, Option<Symbol>, i128);

/// An access of an element of a slice that the loop stores to.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) slice: LocalId,
    pub(super) index: Poly,
    pub(super) write: bool,
    pub(super) part: Part,
    /// How many loops are around it.
    pub(super) loops: usize,
    /// What holds where it happens.
    pub(super) bounds: Vec<Bound>,
}

pub(super) struct Reader<'f> {
    pub(super) func: &'f Function,
    pub(super) scope: Scope<'f>,
    written: HashSet<LocalId>,
    pub(super) accesses: Vec<Access>,
    bounds: Vec<Bound>,
    /// The symbols of all loops' variables, the outermost first.
    pub(super) vars: Vec<Symbol>,
    /// Those of them that are below an end, so that adding one does not wrap.
    below: HashSet<Symbol>,
    /// Symbols that are near 0 where bounds are right.
    pub(super) small: Vec<Symbol>,
    /// Symbols that are at least this where bounds are right.
    pub(super) least: Vec<(Symbol, i128)>,
    part: Part,
    depth: usize,
}

impl<'f> Reader<'f> {
    pub(super) fn new(func: &'f Function, effects: &Effects) -> Self {
        Reader {
            func,
            scope: Scope::new(func, effects.clone()),
            written: effects.stored_through.clone(),
            accesses: Vec::new(),
            bounds: Vec::new(),
            vars: Vec::new(),
            below: HashSet::new(),
            small: Vec::new(),
            least: Vec::new(),
            part: Part::Before,
            depth: 0,
        }
    }

    /// The outer loop, whose inner loop is at this position. The symbol of its variable.
    pub(super) fn read(&mut self, outer: &Loop, position: usize) -> Option<Symbol> {
        let var = self.enter(outer)?;
        self.depth = 1;
        for (number, stmt) in outer.body.stmts.iter().enumerate() {
            self.part = match number.cmp(&position) {
                std::cmp::Ordering::Less => Part::Before,
                std::cmp::Ordering::Equal => Part::Inner,
                std::cmp::Ordering::Greater => Part::Behind,
            };
            self.stmt(stmt)?;
        }
        Some(var)
    }

    /// A symbol and a number, or a number alone, that a bound is equal to.
    pub(super) fn simple(&mut self, bound: ExprId) -> Option<(Option<Symbol>, i128)> {
        let exact = self.scope.poly(bound)?;
        if !exact.needs.is_empty() {
            return None;
        }
        let number = exact.poly.constant_term();
        let mut symbols = exact.poly.symbols().into_iter();
        let symbol = symbols.next();
        let plain = match symbol {
            Some(symbol) => {
                exact.poly.linear_in(symbol) == Some((Poly::constant(1), Poly::constant(number)))
            }
            None => true,
        };
        (plain && symbols.next().is_none() && (-NEAR..=NEAR).contains(&number))
            .then_some((symbol, number))
    }

    /// Takes note of what a loop says of its variable. The bounds of the loop are pushed; who leaves it truncates them.
    fn enter(&mut self, for_loop: &Loop) -> Option<Symbol> {
        let var = self.scope.var(for_loop)?;
        let start = self.simple(for_loop.start);
        let end = self.simple(for_loop.end);
        self.vars.push(var);
        if !for_loop.inclusive {
            self.below.insert(var);
        }
        // Of other loops nothing is said.
        let ty = self.func.locals.get(for_loop.var)?.ty.as_scalar();
        let plain = matches!(
            self.func.exprs.get(for_loop.step)?.kind,
            ExprKind::Const(ConstValue::Int(1))
        ) && !for_loop.inclusive
            && !for_loop.reversed
            && ty.is_some_and(|ty| ty.is_unsigned_int() && ty.bits() == 64);
        if !plain {
            return Some(var);
        }
        if let Some((symbol, number)) = start {
            // `symbol + number` may wrap: then it is small, and the bound would be wrong. A variable that is below an end is not the last number.
            let varies = symbol.is_some_and(|symbol| self.vars.contains(&symbol));
            let next = symbol.is_some_and(|symbol| self.below.contains(&symbol));
            match symbol {
                Some(symbol) if number > 0 && !varies => self.small.push(symbol),
                _ => {}
            }
            if !varies || number <= i128::from(next) {
                self.bounds.push((Some(var), symbol, number));
            }
        }
        if let Some((symbol, number)) = end {
            // `symbol - number` may wrap, too, and then it is large. Of the inner loop's range, that is asked for each block.
            let varies = symbol.is_some_and(|symbol| self.vars.contains(&symbol));
            let asked = self.depth == 1 && self.part == Part::Inner;
            match symbol {
                Some(symbol) if number < 0 && !varies => self.least.push((symbol, -number)),
                _ => {}
            }
            if !varies || number >= 0 || asked {
                self.bounds.push((symbol, Some(var), 1 - number));
            }
        }
        Some(var)
    }

    fn block(&mut self, block: &Block) -> Option<()> {
        block.stmts.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &Stmt) -> Option<()> {
        match &stmt.kind {
            StmtKind::Assign { place, value } => {
                self.expr(*value)?;
                self.access(place, true)?;
                let mut indices = Vec::new();
                place.for_each_index(|index| indices.push(index));
                for index in indices {
                    self.expr(index)?;
                }
                self.scope.assign(stmt);
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                self.expr(*cond)?;
                let known = self.scope.known();
                self.block(then)?;
                self.scope.restore(known.clone());
                self.block(otherwise)?;
                self.scope.restore(known);
                self.scope.forget_block(then);
                self.scope.forget_block(otherwise);
            }
            StmtKind::For(for_loop) => {
                for bound in [for_loop.start, for_loop.end, for_loop.step] {
                    self.expr(bound)?;
                    // Bounds are evaluated once for all rows, and where there may be no iteration around them.
                    (!self.loads_elements(bound)).then_some(())?;
                }
                let known = self.bounds.len();
                self.scope.forget_block(&for_loop.body);
                self.enter(for_loop)?;
                self.depth += 1;
                self.block(&for_loop.body)?;
                self.depth -= 1;
                self.scope.forget_block(&for_loop.body);
                self.bounds.truncate(known);
            }
            _ => return None,
        }
        Some(())
    }

    fn expr(&mut self, id: ExprId) -> Option<()> {
        let expr = self.func.exprs.get(id)?;
        match &expr.kind {
            ExprKind::Const(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Select { .. }
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Cast { .. }
            | ExprKind::Call { .. } => {}
            ExprKind::Load(place) => self.access(place, false)?,
            ExprKind::Len(place) => {
                (place.projections.is_empty() && self.is_param(place.local)).then_some(())?;
            }
            _ => return None,
        }
        let mut operands = Vec::new();
        expr.kind.for_each_operand(|operand| operands.push(operand));
        operands
            .into_iter()
            .try_for_each(|operand| self.expr(operand))
    }

    fn is_param(&self, local: LocalId) -> bool {
        local.index() < self.func.params.len() && !self.scope.effects().assigned.contains(&local)
    }

    fn access(&mut self, place: &Place, write: bool) -> Option<()> {
        let ty = &self.func.locals.get(place.local)?.ty;
        match place.projections.as_slice() {
            [] => ty.as_scalar().map(|_| ()),
            // Parameters that are slices have no element in common.
            &[Projection::Index { index, site: None }] if self.is_param(place.local) => {
                let Ty::Slice { elem, .. } = ty else {
                    return None;
                };
                elem.as_scalar()?;
                if !self.written.contains(&place.local) {
                    return Some(());
                }
                let exact = self.scope.poly(index)?;
                if !exact.needs.is_empty() || self.accesses.len() >= MAX_ACCESSES {
                    return None;
                }
                self.accesses.push(Access {
                    slice: place.local,
                    index: exact.poly,
                    write,
                    part: self.part,
                    loops: self.depth,
                    bounds: self.bounds.clone(),
                });
                Some(())
            }
            steps => {
                let constant = !write
                    && self.is_param(place.local)
                    && matches!(ty, Ty::Ref { mutable: false, .. })
                    && (steps.iter()).all(|step| !matches!(step, Projection::Index { .. }));
                constant.then_some(())
            }
        }
    }

    pub(super) fn loads_elements(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut loads = (expr.kind.place()).is_some_and(|place| !place.projections.is_empty());
        expr.kind
            .for_each_operand(|operand| loads = loads || self.loads_elements(operand));
        loads
    }

    /// A symbol in one of several iterations; those that do not vary are the same in all.
    pub(super) fn unknown(&self, symbol: Option<Symbol>, iteration: u8) -> Unknown {
        match symbol {
            None => Unknown::Zero,
            Some(symbol) if self.scope.is_invariant(symbol) => Unknown::Value(symbol, 0),
            Some(symbol) => Unknown::Value(symbol, iteration),
        }
    }

    /// A bound in one of several iterations.
    pub(super) fn bound(&self, (first, second, number): Bound, iteration: u8) -> AtLeast {
        AtLeast {
            first: self.unknown(first, iteration),
            second: self.unknown(second, iteration),
            number,
        }
    }
}
