//! Places and expressions.

use super::{Printer, put};
use crate::expr::{Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::text::{const_text, is_mutable, natural_ty};
use crate::ty::Ty;
use crate::walk::MAX_EXPR_DEPTH;

impl Printer<'_> {
    /// `depth` is that of its indices.
    pub(super) fn print_place(&mut self, place: &Place, depth: usize) {
        match self.local_texts.get(place.local.index()) {
            Some(text) => put!(self, "{text}"),
            None => put!(self, "<local {:?}>", place.local),
        }
        for projection in &place.projections {
            match projection {
                Projection::Index { index, site } => {
                    put!(self, "[");
                    self.print_expr(*index, depth);
                    put!(self, "]");
                    self.print_site(*site);
                }
                Projection::Field(field) => put!(self, ".{field}"),
                Projection::Deref => put!(self, ".*"),
            }
        }
    }

    /// `depth` is how many expressions this one is inside of, itself included.
    pub(super) fn print_expr(&mut self, id: ExprId, depth: usize) {
        let Some(expr) = self.func.exprs.get(id) else {
            put!(self, "<expression {id:?}>");
            return;
        };
        if std::mem::replace(&mut self.printed[id.index()], true) {
            put!(self, "<again {id:?}>");
            return;
        }
        if depth > MAX_EXPR_DEPTH {
            put!(self, "<too deep>");
            return;
        }
        let is_natural = natural_ty(self.func, &expr.kind, &expr.ty).as_ref() == Some(&expr.ty);
        if !is_natural {
            put!(self, "(");
        }
        self.print_kind(expr, depth);
        if !is_natural {
            put!(self, ": {})", self.types.text(&expr.ty));
        }
    }

    fn print_kind(&mut self, expr: &Expr, depth: usize) {
        let depth = depth + 1;
        match &expr.kind {
            ExprKind::Const(value) => put!(self, "{}", const_text(*value, &expr.ty)),
            ExprKind::Named(name) => match &expr.ty {
                ty @ (Ty::Scalar(_) | Ty::Param(_)) => {
                    put!(self, "{}::{}", self.types.text(ty), name.name());
                }
                ty => put!(self, "<{}>::{}", self.types.text(ty), name.name()),
            },
            ExprKind::DebugAssertions => put!(self, "cfg!(debug_assertions)"),
            ExprKind::Load(place) => self.print_place(place, depth),
            ExprKind::Len(place) => {
                self.print_place(place, depth);
                put!(self, ".len()");
            }
            ExprKind::Unary { op, operand, site } => {
                put!(self, "({}", op.symbol());
                let operand_at = self.out.len();
                self.print_expr(*operand, depth);
                // `-5i32` is a constant: keep the operator and a number apart.
                if self.out[operand_at..].starts_with(|c: char| c.is_ascii_digit()) {
                    self.out.insert(operand_at, ' ');
                }
                put!(self, ")");
                self.print_site(*site);
            }
            ExprKind::Binary { op, lhs, rhs, site } => {
                self.print_infix(*lhs, op.symbol(), *rhs, depth);
                self.print_site(*site);
            }
            ExprKind::ShortCircuit { or, lhs, rhs } => {
                self.print_infix(*lhs, if *or { "||" } else { "&&" }, *rhs, depth);
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                put!(self, "if ");
                self.print_expr(*cond, depth);
                put!(self, " {{ ");
                self.print_expr(*then, depth);
                put!(self, " }} else {{ ");
                self.print_expr(*otherwise, depth);
                put!(self, " }}");
            }
            ExprKind::Cast { operand } => {
                put!(self, "(");
                self.print_expr(*operand, depth);
                put!(self, " as {})", self.types.text(&expr.ty));
            }
            ExprKind::NumCast { operand, site } => {
                put!(self, "num_cast::<{}>(", self.types.text(&expr.ty));
                self.print_expr(*operand, depth);
                put!(self, ")");
                self.print_site(Some(*site));
            }
            ExprKind::NumCastFits { operand, target } => {
                put!(self, "num_cast_fits::<{}>(", self.types.text(target));
                self.print_expr(*operand, depth);
                put!(self, ")");
            }
            ExprKind::Call {
                intrinsic,
                args,
                site,
            } => {
                match args.split_first() {
                    Some((receiver, args)) => {
                        // A choice ends in a brace; the rest reads as one word.
                        let receiver_at = self.out.len();
                        self.print_expr(*receiver, depth);
                        if self.out[receiver_at..].starts_with("if ") {
                            self.out.insert(receiver_at, '(');
                            put!(self, ")");
                        }
                        put!(self, ".{}(", intrinsic.name());
                        self.print_list(args, depth);
                    }
                    None => put!(self, "call {}(", intrinsic.name()),
                }
                put!(self, ")");
                self.print_site(*site);
            }
            ExprKind::Borrow(place) => {
                self.print_reference(&expr.ty);
                self.print_place(place, depth);
            }
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => {
                self.print_reference(&expr.ty);
                self.print_place(base, depth);
                put!(self, "[");
                if let Some(start) = start {
                    self.print_expr(*start, depth);
                }
                put!(self, "..");
                if let Some(end) = end {
                    self.print_expr(*end, depth);
                }
                put!(self, "]");
                self.print_site(*site);
            }
            ExprKind::Table(table) => put!(self, "table#{table}"),
            ExprKind::Array(elems) => {
                put!(self, "[");
                self.print_list(elems, depth);
                put!(self, "]");
            }
            ExprKind::Repeat(value) => {
                let len = match expr.ty {
                    Ty::Array { len, .. } => len,
                    _ => 0,
                };
                put!(self, "[");
                self.print_expr(*value, depth);
                put!(self, "; {len}]");
            }
            ExprKind::Struct(fields) => {
                put!(self, "struct {}(", self.types.text(&expr.ty));
                self.print_list(fields, depth);
                put!(self, ")");
            }
            ExprKind::Zeroed => put!(self, "zeroed::<{}>", self.types.text(&expr.ty)),
            ExprKind::Tuple(elems) => {
                put!(self, "(");
                self.print_list(elems, depth);
                put!(self, "{})", if elems.len() < 2 { "," } else { "" });
            }
        }
    }

    fn print_reference(&mut self, ty: &Ty) {
        put!(self, "{}", if is_mutable(ty) { "&mut " } else { "&" });
    }

    fn print_infix(&mut self, lhs: ExprId, symbol: &str, rhs: ExprId, depth: usize) {
        put!(self, "(");
        self.print_expr(lhs, depth);
        put!(self, " {symbol} ");
        self.print_expr(rhs, depth);
        put!(self, ")");
    }

    pub(super) fn print_list(&mut self, exprs: &[ExprId], depth: usize) {
        for (position, &expr) in exprs.iter().enumerate() {
            if position > 0 {
                put!(self, ", ");
            }
            self.print_expr(expr, depth);
        }
    }

    fn print_site(&mut self, site: Option<SiteId>) {
        if let Some(site) = site {
            put!(self, "@{}", site.index());
        }
    }
}
