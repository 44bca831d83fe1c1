//! `hotloop::tools!`: the tools of methods.

use hotloop::{JitType, jit};

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Spring {
    stiffness: f64,
    rest: f64,
}

#[jit(require(no_checks))]
impl Spring {
    pub fn energy(&self, x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..x.len() {
            let d = x[i] - self.rest;
            sum += self.stiffness * d * d;
        }
        sum
    }

    fn doubled(x: &mut [f64]) {
        for x in x {
            *x *= 2.0;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Scaled<T> {
    factor: T,
}

#[jit]
impl<T: num_traits::Float> Scaled<T> {
    fn apply(&self, x: &mut [T]) {
        for i in 0..x.len() {
            x[i] = x[i] * self.factor;
        }
    }
}

#[jit(require(no_checks))]
impl Scaled<i64> {
    fn first_above(&self, x: &[i64]) -> usize {
        let mut at = 0;
        while x[at] < self.factor {
            at += 2;
        }
        at
    }
}

#[test]
fn reports_of_methods() {
    let spring = Spring {
        stiffness: 2.0,
        rest: 1.0,
    };
    // It is compiled for the report.
    let text = hotloop::tools!(Spring::energy).report().to_string();
    assert!(
        text.contains("method_tools.rs") && text.contains("none left"),
        "{text}"
    );
    assert_eq!(spring.energy(&[2.0, 3.0]), 10.0);
    assert_eq!(hotloop::tools!(Spring::energy).specializations().len(), 1);
    let text = hotloop::tools!(Spring::doubled).report().to_string();
    assert!(text.contains("vectorized"), "{text}");
    assert!(hotloop::tools!(Spring::doubled).asm().is_ok());

    // A generic one is reported as far as it was compiled.
    assert!(hotloop::tools!(Scaled::<f32>::apply).compile().is_err());
    let mut x = [1.0_f32; 40];
    Scaled { factor: 3.0 }.apply(&mut x);
    assert_eq!(x, [3.0; 40]);
    let text = hotloop::tools!(Scaled::<f32>::apply).report().to_string();
    assert!(
        text.contains("f32") && text.contains("vectorized"),
        "{text}"
    );
}

#[test]
fn requirements_of_methods() {
    let error = hotloop::tools!(Scaled::<i64>::first_above).compile();
    let text = error.map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("makes checks"), "{text}");
}
