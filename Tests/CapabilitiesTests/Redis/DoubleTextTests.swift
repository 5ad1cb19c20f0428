import Capabilities
import Testing

/// Numbers as Spin writes them: what `println!("{number}")` of Rust prints.
@Suite struct DoubleTextTests {
    @Test(arguments: [
        (3, "3"), (0, "0"), (-0.0, "-0"), (0.1, "0.1"), (-1.5, "-1.5"), (100, "100"), (123_456.789, "123456.789"),
        (1e15, "1000000000000000"), (1e16, "10000000000000000"), (1e21, "1000000000000000000000"),
        (1.5e20, "150000000000000000000"), (1e-4, "0.0001"), (1e-5, "0.00001"), (1.25e-7, "0.000000125"),
        (9_007_199_254_740_992, "9007199254740992"), (0.30000000000000004, "0.30000000000000004"),
        (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "NaN"),
    ])
    func writesNumbers(_ number: Double, _ text: String) { #expect(number.textWithoutExponent == text) }

    @Test(arguments: [
        Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, .pi, -.pi * 1e100, .pi * 1e-100,
    ])
    func losesNothing(_ number: Double) {
        let text = number.textWithoutExponent
        #expect(Double(text) == number)
        #expect(!text.contains("e"))
    }
}
