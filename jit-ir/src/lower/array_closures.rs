//! Arrays that closures make, element by element: `std::array::from_fn(f)` and `a.map(f)`.

use super::infer::{ITy, Len};
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;

/// Up to this length, there is no loop, so that the elements stay in registers.
const MAX_UNROLLED: u64 = 8;

/// The elements are made from their indices.
type Element<'e, L> = &'e mut dyn FnMut(&mut L, ExprId) -> Value;

impl Lowering<'_> {
    /// `std::array::from_fn(f)`. `None`: the call is another one.
    pub(super) fn lower_array_from_fn(&mut self, call: &hir::ExprCall) -> Option<Value> {
        let hir::Expr::Path(path) = &*call.func else {
            return None;
        };
        let segments = &path.path.segments;
        let names: Vec<&str> = (segments.iter())
            .map(|segment| segment.ident.name.as_str())
            .collect();
        let (["array", "from_fn"] | ["std" | "core", "array", "from_fn"], [f]) =
            (names.as_slice(), call.args.as_slice())
        else {
            return None;
        };
        let (mut elem, mut len) = (None, None);
        if let hir::PathArguments::AngleBracketed(args) = &segments.last()?.arguments {
            match args.first() {
                Some(hir::GenericArgument::Type(ty)) => elem = self.lower_memory_ty(ty),
                _ => elem = None,
            }
            len = match args.get(1) {
                Some(hir::GenericArgument::Const(len)) => Some(self.const_len(len)),
                // `N`, which looks like a type.
                Some(hir::GenericArgument::Type(hir::Type::Path(path))) => {
                    let len = hir::Expr::Path(hir::ExprPath {
                        qself: path.qself.clone(),
                        path: path.path.clone(),
                        span: path.span,
                    });
                    Some(self.const_len(&len))
                }
                _ => None,
            };
        }
        let f = self.lower_callable(f);
        let span = call.span();
        Some(self.make_array(len, elem, span, &mut |this, index| {
            let f = this.copy_stable(f);
            this.call_value(f, vec![index], span)
        }))
    }

    /// `a.map(f)` of an array at a place.
    pub(super) fn map_array(
        &mut self,
        place: &Place,
        elem: &ITy,
        len: Len,
        f: &hir::Expr,
        span: Span,
    ) -> Value {
        let ty = ITy::Array {
            elem: Box::new(elem.clone()),
            len,
        };
        let whole = self.push_expr(ExprKind::Load(place.clone()), ty, span);
        let place = self.evaluate_place(whole);
        let f = self.lower_callable(f);
        self.make_array(Some(len), None, span, &mut |this, index| {
            let mut at = place.clone();
            at.projections.push(Projection::Index { index, site: None });
            let item = this.push_expr(ExprKind::Load(at), elem.clone(), span);
            let f = this.copy_stable(f);
            this.call_value(f, vec![item], span)
        })
    }

    /// An array of this length, or, if that is not known here, of the one that its use says.
    fn make_array(
        &mut self,
        len: Option<Len>,
        elem: Option<ITy>,
        span: Span,
        element: Element<'_, Self>,
    ) -> Value {
        if let Some(Len::Known(n)) = len
            && n <= MAX_UNROLLED
        {
            let elem = elem.unwrap_or_else(|| self.infer.fresh());
            let mut elems = Vec::new();
            for index in 0..n {
                let index = self.count(index, span);
                match element(self, index) {
                    Value::Expr(value) => {
                        let value = self.coerce(value, &elem);
                        elems.push(self.evaluate(value));
                    }
                    Value::Never => return Value::Never,
                    Value::Unit => {
                        self.refuse_unit(span);
                        return Value::Expr(self.poison(span));
                    }
                }
            }
            let elem = Box::new(elem);
            let len = Len::Known(n);
            let ty = ITy::Array { elem, len };
            return Value::Expr(self.push_expr(ExprKind::Array(elems), ty, span));
        }
        let elem = elem.unwrap_or_else(|| self.infer.fresh());
        let ty = match len {
            Some(len) => ITy::Array {
                elem: Box::new(elem.clone()),
                len,
            },
            None => self.infer.array_of(&elem),
        };
        let made = self.push_temp(ty.clone(), true, span);
        let zeros = self.push_expr(ExprKind::Zeroed, ty.clone(), span);
        self.assign(made, zeros);
        let n_elems = self.len_of(&Place::local(made), span);
        self.count_to(n_elems, span, |this, index| {
            let index = this.load_local(index, span);
            match element(this, index) {
                Value::Expr(value) => {
                    let value = this.coerce(value, &elem);
                    let value = this.evaluate(value);
                    let index = this.copy_stable(index);
                    let mut place = Place::local(made);
                    place
                        .projections
                        .push(Projection::Index { index, site: None });
                    this.emit(StmtKind::Assign { place, value }, span);
                }
                Value::Never => {}
                Value::Unit => this.refuse_unit(span),
            }
        });
        let value = self.load_local(made, span);
        Value::Expr(self.evaluate(value))
    }
}
