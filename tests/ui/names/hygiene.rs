//! Two variables that are spelled alike, of which rustc sees that they are not the same.

use hotloop::jit;

macro_rules! shadows {
    ($name:ident, $x:ident) => {
        #[jit]
        fn $name($x: i32) -> i32 {
            let x = 10;
            $x * 100 + x
        }
    };
}

shadows!(f, x);

fn main() {
    f(1);
}
