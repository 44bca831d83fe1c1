//! Functions inside of the function.

use super::Gen;
use super::scope::Kind;
use super::types::{BYTE, Ty};

impl Gen<'_> {
    /// A function inside of the function, which calls itself, and a call of it.
    pub(crate) fn local_fn(&mut self, d: u32) {
        let name = self.fresh("local");
        let n_structs = self.items.structs.len();
        let first = self.items.stored(self.rng, n_structs, 2);
        let (second, ret) = (self.rng.scalar(), self.rng.scalar());
        let scope = std::mem::take(&mut self.scope);
        let loops = std::mem::take(&mut self.loops);
        let (returns, param) = (self.returns, self.param.take());
        let recursion = self.recursion.take();
        let weight = self.weight;
        self.returns = false;
        self.weight *= 4;
        self.line(format!(
            "fn {name}(n: u8, x: {first}, mut y: {second}) -> {ret} {{"
        ));
        self.indent += 1;
        self.declare("x", first.clone(), Kind::Value);
        self.declare("y", second.clone(), Kind::Value);
        if let Some(var) = self.scope.last_mut() {
            var.mutable = true;
        }
        let none = self.pure(|g| g.leaf(&ret));
        self.line("if n & 3 == 0 {");
        self.line(format!("    return {none};"));
        self.line("}");
        self.stmt(1);
        let (a, b) = (self.bare(&first, d), self.bare(&second, d));
        self.line(format!("let before = {name}((n & 3) - 1, {a}, {b});"));
        self.declare("before", ret.clone(), Kind::Value);
        self.stmt(1);
        let last = self.bare(&ret, d);
        self.line(last);
        self.indent -= 1;
        self.line("}");
        (self.scope, self.loops, self.weight) = (scope, loops, weight);
        (self.returns, self.param, self.recursion) = (returns, param, recursion);
        let n = self.bare(&Ty::Int(BYTE), d);
        let (a, b) = (self.bare(&first, d), self.bare(&second, d));
        let value = self.fresh("v");
        self.line(format!("let {value} = {name}({n}, {a}, {b});"));
        self.declare(&value, ret, Kind::Value);
    }
}
