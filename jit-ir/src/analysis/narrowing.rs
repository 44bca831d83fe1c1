//! Loops in which numbers that change from iteration to iteration are cut to several widths: `t[i & 7]` beside `a[i as u32 as usize]`.
//!
//! LLVM's loop vectorizer takes such an index for a plain sequence, under the condition that it does not wrap, which the code then tests. Before
//! LLVM 23, the condition of a wider sequence counts as one that implies the condition of a narrower one (`SCEVWrapPredicate::implies`), which then is not
//! tested, so that elements are read that nobody asked for, behind the end of the slice. One width alone is safe. Loops with several
//! are not vectorized: where the test was made, it would have failed after a few iterations anyway.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId, Program};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Label, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// What a number depends on, as far as that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// It is the same in all iterations.
    Invariant,
    /// Elements of slices that nobody stores to, at places that vary: no sequence.
    Loaded,
    /// Perhaps a sequence.
    Varying,
}

/// A width in bits; 0 is one that is not known.
type Widths = BTreeSet<u32>;

/// The loops of each function of the program that LLVM must not vectorize.
pub fn mixed_loops(program: &Program) -> Vec<HashSet<Label>> {
    let functions = &program.functions;
    let mut all = vec![Widths::new(); functions.len()];
    let readers: Vec<_> = (functions.iter().enumerate())
        .map(|(number, func)| Reader::of(func, program.is_called(number)))
        .collect();
    // What callees have is a part of their callers' loops once LLVM inlines them.
    loop {
        let mut changed = false;
        for (number, reader) in readers.iter().enumerate() {
            let mut widths = all[number].clone();
            reader.add_block(&reader.func.body, &all, &mut widths, &mut HashSet::new());
            changed |= widths != all[number];
            all[number] = widths;
        }
        if !changed {
            break;
        }
    }
    (readers.iter())
        .map(|reader| {
            let mut mixed = HashSet::new();
            reader.add_block(&reader.func.body, &all, &mut Widths::new(), &mut mixed);
            mixed
        })
        .collect()
}

struct Reader<'f> {
    func: &'f Function,
    is_called: bool,
    /// Locals that indices are computed from.
    of_indices: HashSet<LocalId>,
    classes: BTreeMap<LocalId, Class>,
    /// Locals that may be constants for LLVM.
    constants: HashSet<LocalId>,
}

impl<'f> Reader<'f> {
    fn of(func: &'f Function, is_called: bool) -> Self {
        let mut reader = Reader {
            func,
            is_called,
            of_indices: HashSet::new(),
            classes: BTreeMap::new(),
            constants: HashSet::new(),
        };
        let (mut assigned, mut in_loops, mut vars) = (Vec::new(), HashSet::new(), HashSet::new());
        collect(&func.body, 0, &mut assigned, &mut in_loops, &mut vars);
        for local in vars {
            reader.classes.insert(local, Class::Varying);
        }
        let written: HashSet<LocalId> = assigned.iter().map(|(local, _)| *local).collect();
        for (local, _) in func.locals.iter() {
            let is_param = func.params.contains(&local);
            if is_param && is_called {
                // What callers pass.
                reader.classes.insert(local, Class::Varying);
            }
            if written.contains(&local) || is_param && is_called {
                reader.constants.insert(local);
            }
        }
        reader.find_indices();
        loop {
            let before = (reader.classes.clone(), reader.constants.len());
            for (local, value) in &assigned {
                let mut class = match value {
                    Some(value) => reader.class(*value),
                    None => Class::Varying,
                };
                if in_loops.contains(local)
                    && class == Class::Invariant
                    && value.is_some_and(|value| reader.reads(value, &in_loops))
                {
                    class = Class::Varying;
                }
                // A sequence in the making: `k = k + a[i]` is none, but who knows what is hoisted.
                if value.is_some_and(|value| reader.reads(value, &HashSet::from([*local]))) {
                    class = Class::Varying;
                }
                let known = reader.classes.entry(*local).or_insert(Class::Invariant);
                *known = class.max(*known);
                if !value.is_some_and(|value| reader.may_be_constant(value)) {
                    reader.constants.remove(local);
                }
            }
            if before == (reader.classes.clone(), reader.constants.len()) {
                return reader;
            }
        }
    }

    fn find_indices(&mut self) {
        loop {
            let mut found = Vec::new();
            self.func.body.for_each_stmt(|stmt| {
                self.for_each_index(stmt, |index| self.add_read(index, &mut found));
            });
            let before = self.of_indices.len();
            self.of_indices.extend(found);
            if self.of_indices.len() == before {
                return;
            }
        }
    }

    fn add_read(&self, expr: ExprId, found: &mut Vec<LocalId>) {
        let kind = self.kind(expr);
        found.extend(kind.place().map(|place| place.local));
        kind.for_each_operand(|operand| self.add_read(operand, found));
    }

    /// The expressions of a statement that are indices, or from which some are computed.
    fn for_each_index(&self, stmt: &Stmt, mut visit: impl FnMut(ExprId)) {
        let is_index = match &stmt.kind {
            StmtKind::For(_) | StmtKind::Call { .. } | StmtKind::Parallel(_) => true,
            StmtKind::Return(_) => self.is_called,
            StmtKind::Assign { place, .. } => self.of_indices.contains(&place.local),
            _ => false,
        };
        if let Some(place) = stmt.kind.place() {
            place.for_each_index(&mut visit);
        }
        stmt.kind.for_each_expr(|expr| match is_index {
            true => visit(expr),
            false => self.for_each_index_in(expr, &mut visit),
        });
    }

    fn for_each_index_in(&self, expr: ExprId, visit: &mut impl FnMut(ExprId)) {
        let kind = self.kind(expr);
        // The operands of what has a place are its indices.
        if kind.place().is_some() {
            kind.for_each_operand(visit);
        } else {
            kind.for_each_operand(|operand| self.for_each_index_in(operand, visit));
        }
    }

    /// What an expression computes. Nothing where there is none: code generation looks at functions before it trusts them.
    fn kind(&self, expr: ExprId) -> &ExprKind {
        (self.func.exprs.get(expr)).map_or(&ExprKind::Zeroed, |expr| &expr.kind)
    }

    fn class(&self, expr: ExprId) -> Class {
        match self.kind(expr) {
            ExprKind::Load(place) => self.class_of_place(place),
            ExprKind::Len(place) if place.projections.is_empty() => Class::Invariant,
            ExprKind::Len(place) => self.class_of_place(place),
            ExprKind::Const(_) | ExprKind::Named(_) | ExprKind::Zeroed => Class::Invariant,
            kind @ (ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Cast { .. }
            | ExprKind::NumCast { .. }
            | ExprKind::Select { .. }
            | ExprKind::Call { .. }) => {
                let mut class = Class::Invariant;
                kind.for_each_operand(|operand| class = class.max(self.class(operand)));
                class
            }
            _ => Class::Varying,
        }
    }

    fn class_of_place(&self, place: &Place) -> Class {
        let of_local = self.classes.get(&place.local).copied();
        if place.projections.is_empty() {
            return of_local.unwrap_or(Class::Invariant);
        }
        let ty = self.func.locals.get(place.local).map(|local| &local.ty);
        let is_frozen = matches!(ty, Some(Ty::Slice { mutable: false, .. }));
        let mut varies = false;
        for projection in &place.projections {
            if let Projection::Index { index, .. } = projection {
                varies |= self.class(*index) != Class::Invariant;
            }
        }
        match is_frozen && varies {
            true => Class::Loaded,
            // What is stored may be what is read: LLVM keeps it in a register.
            false => Class::Varying,
        }
    }

    /// Whether one of these locals is read.
    fn reads(&self, expr: ExprId, locals: &HashSet<LocalId>) -> bool {
        let kind = self.kind(expr);
        let mut reads = kind
            .place()
            .is_some_and(|place| locals.contains(&place.local));
        kind.for_each_operand(|operand| reads |= self.reads(operand, locals));
        reads
    }

    fn may_be_constant(&self, expr: ExprId) -> bool {
        match self.kind(expr) {
            ExprKind::Load(place) => self.constants.contains(&place.local),
            ExprKind::Len(_) => false,
            kind => {
                let mut may = true;
                kind.for_each_operand(|operand| may &= self.may_be_constant(operand));
                may
            }
        }
    }

    fn constant(&self, expr: ExprId) -> Option<u128> {
        match self.kind(expr) {
            ExprKind::Const(ConstValue::Int(value)) => Some(*value),
            ExprKind::Cast { operand } => self.constant(*operand),
            _ => None,
        }
    }

    fn int(&self, expr: ExprId) -> Option<ScalarTy> {
        let scalar = self.func.exprs.get(expr)?.ty.as_scalar()?;
        scalar.is_int().then_some(scalar)
    }

    /// Adds the widths of a block, and finds its loops.
    fn add_block(
        &self,
        block: &Block,
        all: &[Widths],
        widths: &mut Widths,
        mixed: &mut HashSet<Label>,
    ) {
        for stmt in &block.stmts {
            self.add_stmt(stmt, all, widths, mixed);
        }
    }

    fn add_stmt(
        &self,
        stmt: &Stmt,
        all: &[Widths],
        widths: &mut Widths,
        mixed: &mut HashSet<Label>,
    ) {
        let mut own = Widths::new();
        self.for_each_index(stmt, |index| self.add_expr(index, &mut own));
        let callee = match &stmt.kind {
            StmtKind::Call { function, .. } => Some(*function),
            StmtKind::Parallel(parallel) => Some(parallel.function),
            _ => None,
        };
        if let Some(widths) = callee.and_then(|callee| all.get(callee as usize)) {
            own.extend(widths);
        }
        for block in stmt.kind.blocks() {
            self.add_block(block, all, &mut own, mixed);
        }
        let label = match &stmt.kind {
            StmtKind::For(for_loop) => Some(for_loop.label),
            StmtKind::While { label, .. } | StmtKind::Forever { label, .. } => Some(*label),
            _ => None,
        };
        if let Some(label) = label
            && own.len() > 1
        {
            mixed.insert(label);
        }
        widths.extend(own);
    }

    fn add_expr(&self, expr: ExprId, widths: &mut Widths) {
        let kind = self.kind(expr);
        kind.for_each_operand(|operand| self.add_expr(operand, widths));
        let varies = |operand: ExprId| self.class(operand) == Class::Varying;
        match kind {
            ExprKind::Cast { operand } => {
                if let (Some(from), Some(to)) = (self.int(*operand), self.int(expr))
                    && from.bits() < to.bits()
                    && varies(*operand)
                {
                    widths.insert(from.bits());
                }
            }
            ExprKind::Binary {
                op: BinaryOp::BitAnd,
                lhs,
                rhs,
                ..
            } => {
                for (value, mask) in [(*lhs, *rhs), (*rhs, *lhs)] {
                    if self.int(expr).is_some() && varies(value) && self.may_be_constant(mask) {
                        let bits = |mask: u128| u128::BITS - mask.leading_zeros();
                        widths.insert(self.constant(mask).map_or(0, bits));
                    }
                }
            }
            ExprKind::Binary {
                op: BinaryOp::Rem,
                lhs,
                rhs,
                ..
            } if self.int(expr).is_some() && varies(*lhs) && self.may_be_constant(*rhs) => {
                let by = self.constant(*rhs);
                if by.is_none_or(u128::is_power_of_two) {
                    widths.insert(by.map_or(0, u128::trailing_zeros));
                }
            }
            ExprKind::Binary {
                op: BinaryOp::Shr,
                lhs,
                ..
            } => {
                let shifted = self.kind(*lhs);
                if let ExprKind::Binary {
                    op: BinaryOp::Shl,
                    lhs: value,
                    rhs,
                    ..
                } = shifted
                    && varies(*value)
                {
                    let by = self.constant(*rhs).and_then(|by| u32::try_from(by).ok());
                    let bits = self.int(expr).map_or(0, ScalarTy::bits);
                    widths.insert(by.map_or(0, |by| bits.saturating_sub(by)));
                }
            }
            ExprKind::Call {
                intrinsic: Intrinsic::RemEuclid,
                args,
                ..
            } => {
                let by = args.get(1).copied();
                if args.first().copied().is_some_and(varies)
                    && by.is_some_and(|by| self.may_be_constant(by))
                {
                    widths.insert(0);
                }
            }
            _ => {}
        }
    }
}

/// The locals that are assigned, with the values where there is one; those that are assigned in loops; induction variables.
fn collect(
    block: &Block,
    depth: usize,
    assigned: &mut Vec<(LocalId, Option<ExprId>)>,
    in_loops: &mut HashSet<LocalId>,
    vars: &mut HashSet<LocalId>,
) {
    for stmt in &block.stmts {
        if let Some(place) = stmt.kind.place()
            && !place.projections.contains(&Projection::Deref)
        {
            let value = match &stmt.kind {
                StmtKind::Assign { value, .. } if place.projections.is_empty() => Some(*value),
                _ => None,
            };
            assigned.push((place.local, value));
            if depth > 0 {
                in_loops.insert(place.local);
            }
        }
        let inside = match &stmt.kind {
            StmtKind::For(for_loop) => {
                vars.insert(for_loop.var);
                depth + 1
            }
            StmtKind::While { .. } | StmtKind::Forever { .. } => depth + 1,
            _ => depth,
        };
        for block in stmt.kind.blocks() {
            collect(block, inside, assigned, in_loops, vars);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// How many loops have several widths.
    fn n_mixed(body: &str) -> usize {
        let text = format!(
            "fn f(x: &[u8], y: &[f64], z: &mut [f64], n: usize) {{
                let i: usize;
                let k: usize;
                let b: u8;
                {body}
            }}"
        );
        let func = parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let program = Program {
            functions: vec![func],
            hosts: Vec::new(),
        };
        mixed_loops(&program)[0].len()
    }

    #[test]
    fn widths_of_indices_are_counted() {
        let each = |body: &str| n_mixed(&format!("'0: for i in 0usize..n {{ {body} }}"));
        assert_eq!(each("z[((i as u32) as usize)] = y[(i & 7usize)];"), 1);
        assert_eq!(each("z[i] = (y[(i & 7usize)] + y[(i & 15usize)]);"), 1);
        assert_eq!(each("b = (i as u8); z[(i & 7usize)] = y[(b as usize)];"), 1);
        // One width alone is tested.
        assert_eq!(each("z[((i as u32) as usize)] = y[i];"), 0);
        assert_eq!(
            each("z[i] = (y[(i & 7usize)] + y[((i + 1usize) & 7usize)]);"),
            0
        );
        // What is loaded is no sequence, and what is no index does not matter.
        assert_eq!(each("z[(i & 7usize)] = y[(x[i] as usize)];"), 0);
        assert_eq!(each("z[(i & 7usize)] = (((i as u8) as u32) as f64);"), 0);
        // Nor does what is the same in all iterations.
        assert_eq!(each("z[(i & 7usize)] = y[((n as u8) as usize)];"), 0);
        assert_eq!(
            n_mixed(
                "k = 0usize;
                '0: while (k < n) {
                    z[((k as u16) as usize)] = y[(k & 7usize)];
                    k = (k + 1usize);
                }"
            ),
            1
        );
    }
}
