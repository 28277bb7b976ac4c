#pragma warning disable CS1591 // The catalogue holds each id's text; a second text here could only differ.
namespace Pulse.Build.Engine.Diagnostics;

/// <summary>
/// Codes by range: 0xxx project and SDK, 1xxx wasm and WAT, 2xxx components and fusion, 3xxx optimisation and proof,
/// 4xxx lowering and link, 5xxx hot path, 6xxx run, 9xxx our own defect. A code that is no longer used stays, as <c>RetiredNNNN</c>.
/// </summary>
public enum DiagnosticId
{
    None = 0,

    // 0xxx: project and SDK
    PULSE0001 = 1, PULSE0002 = 2, PULSE0003 = 3, PULSE0004 = 4, PULSE0005 = 5, PULSE0006 = 6, PULSE0007 = 7, PULSE0008 = 8,

    // 1xxx: wasm and WAT
    PULSE1001 = 1001, PULSE1002 = 1002, PULSE1003 = 1003, PULSE1004 = 1004, PULSE1005 = 1005, PULSE1006 = 1006,
    PULSE1020 = 1020, PULSE1021 = 1021,

    // 2xxx: components and fusion
    PULSE2001 = 2001, PULSE2002 = 2002, PULSE2003 = 2003, PULSE2004 = 2004, PULSE2005 = 2005, PULSE2006 = 2006, PULSE2007 = 2007,
    PULSE2008 = 2008, PULSE2009 = 2009, PULSE2010 = 2010, PULSE2011 = 2011, PULSE2012 = 2012, PULSE2013 = 2013, PULSE2014 = 2014, PULSE2015 = 2015, PULSE2016 = 2016,

    // 3xxx: optimisation and proof
    PULSE3001 = 3001, PULSE3002 = 3002, PULSE3003 = 3003, PULSE3004 = 3004, PULSE3005 = 3005, PULSE3006 = 3006, PULSE3007 = 3007,

    // 4xxx: lowering and link
    PULSE4001 = 4001, PULSE4002 = 4002, PULSE4003 = 4003, PULSE4004 = 4004, PULSE4005 = 4005, PULSE4006 = 4006, PULSE4007 = 4007,
    PULSE4030 = 4030, PULSE4040 = 4040, PULSE4041 = 4041, PULSE4042 = 4042, PULSE4043 = 4043, PULSE4044 = 4044, PULSE4045 = 4045,
    PULSE4046 = 4046, PULSE4047 = 4047, PULSE4048 = 4048, PULSE4049 = 4049, PULSE4050 = 4050, PULSE4051 = 4051, PULSE4052 = 4052, PULSE4053 = 4053,
    PULSE4054 = 4054, PULSE4055 = 4055, PULSE4056 = 4056, PULSE4057 = 4057, PULSE4058 = 4058,
    PULSE4060 = 4060, PULSE4061 = 4061, PULSE4062 = 4062, PULSE4063 = 4063,
    PULSE4080 = 4080,

    // 5xxx: hot path
    PULSE5001 = 5001, PULSE5002 = 5002, PULSE5003 = 5003, PULSE5004 = 5004, PULSE5005 = 5005,

    // 6xxx: run
    PULSE6001 = 6001, PULSE6002 = 6002,

    // 9xxx: our own defect
    PULSE9001 = 9001,
}
