# Presses keys and moves the mouse on Windows, by SendInput with scan codes, which games read.
#   look                                          prints the title in front, then those of all windows
#   act =TITLE part|exact MILLISECONDS INPUT...   INPUT: k57, mouse_left, move:-10:5, wheel:120
# Exit codes of act: 0 done; 3 another window is in front, and is printed; 4 the mouse is elsewhere; 6 Windows
# refused. Keys are released after MILLISECONDS, or when standard input is closed, or another window comes to the front.
# Letters outside of ASCII have no place in this file: Windows PowerShell would misread them.
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false

Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
using System.Text;

public static class LivecueInput {
  [StructLayout(LayoutKind.Sequential)]
  public struct Mouse { public int X; public int Y; public int Data; public uint Flags; public uint Time; public UIntPtr Extra; }
  [StructLayout(LayoutKind.Sequential)]
  public struct Keyboard { public ushort Key; public ushort Scan; public uint Flags; public uint Time; public UIntPtr Extra; }
  [StructLayout(LayoutKind.Explicit)]
  public struct Body { [FieldOffset(0)] public Mouse Mouse; [FieldOffset(0)] public Keyboard Keyboard; }
  [StructLayout(LayoutKind.Sequential)]
  public struct Item { public uint Type; public Body Body; }
  [StructLayout(LayoutKind.Sequential)]
  public struct Point { public int X; public int Y; }

  [DllImport("user32.dll")] static extern uint SendInput(uint count, Item[] items, int size);
  [DllImport("user32.dll")] public static extern IntPtr GetForegroundWindow();
  [DllImport("user32.dll", CharSet = CharSet.Unicode)]
  static extern int GetWindowText(IntPtr window, StringBuilder text, int most);
  [DllImport("user32.dll")] static extern bool GetCursorPos(out Point point);
  [DllImport("user32.dll")] static extern IntPtr WindowFromPoint(Point point);
  [DllImport("user32.dll")] static extern IntPtr GetAncestor(IntPtr window, uint which);

  public static string FrontTitle() {
    StringBuilder text = new StringBuilder(1024);
    GetWindowText(GetForegroundWindow(), text, text.Capacity);
    return text.ToString();
  }

  public static bool IsPointerOverFront() {
    Point point;
    return GetCursorPos(out point) && GetAncestor(WindowFromPoint(point), 2) == GetForegroundWindow();
  }

  public static bool SendKey(int code, bool isUp) {
    Item item = new Item();
    item.Type = 1;
    item.Body.Keyboard.Scan = (ushort)(code & 0xff);
    item.Body.Keyboard.Flags = 8u | (code > 0xff ? 1u : 0u) | (isUp ? 2u : 0u);
    return Send(item);
  }

  public static bool SendMouse(uint flags, int x, int y, int data) {
    Item item = new Item();
    item.Body.Mouse.Flags = flags;
    item.Body.Mouse.X = x;
    item.Body.Mouse.Y = y;
    item.Body.Mouse.Data = data;
    return Send(item);
  }

  static bool Send(Item item) {
    return SendInput(1, new Item[] { item }, Marshal.SizeOf(typeof(Item))) == 1;
  }
}
'@

if ($args[0] -eq 'look') {
  [Console]::WriteLine([LivecueInput]::FrontTitle())
  Get-Process | Where-Object { $_.MainWindowTitle } | ForEach-Object { [Console]::WriteLine($_.MainWindowTitle) }
  exit 0
}

$title = $args[1].Substring(1)
$match = $args[2]
$milliseconds = [int]$args[3]
$inputs = @($args[4..($args.Count - 1)])

function Test-Front {
  $front = [LivecueInput]::FrontTitle()
  if ($match -eq 'exact') { return $front -ceq $title }
  return $front.Contains($title)
}

# Flags of SendInput for a button: down, up.
$buttons = @{ mouse_left = @(2, 4); mouse_right = @(8, 16); mouse_middle = @(32, 64) }

function Send-Change([string]$name, [bool]$isUp) {
  if ($buttons.ContainsKey($name)) { return [LivecueInput]::SendMouse($buttons[$name][[int]$isUp], 0, 0, 0) }
  return [LivecueInput]::SendKey([int]$name.Substring(1), $isUp)
}

if (-not (Test-Front)) {
  [Console]::WriteLine([LivecueInput]::FrontTitle())
  exit 3
}
$first = $inputs[0].Split(':')
$usesPointer = $first[0] -eq 'wheel' -or @($inputs | Where-Object { $buttons.ContainsKey($_) }).Count -gt 0
if ($usesPointer -and -not [LivecueInput]::IsPointerOverFront()) { exit 4 }

if ($first[0] -eq 'move') {
  if (-not [LivecueInput]::SendMouse(1, [int]$first[1], [int]$first[2], 0)) { exit 6 }
  exit 0
}
if ($first[0] -eq 'wheel') {
  if (-not [LivecueInput]::SendMouse(0x800, 0, 0, [int]$first[1])) { exit 6 }
  exit 0
}

# Completes when standard input is closed.
$closed = [Console]::OpenStandardInput().ReadAsync((New-Object byte[] 1), 0, 1)
$time = [Diagnostics.Stopwatch]::StartNew()
$pressed = @()
$isSent = $true
try {
  foreach ($name in $inputs) {
    $pressed = @($name) + $pressed
    if (-not (Send-Change $name $false)) { $isSent = $false }
  }
  while ($isSent -and $time.ElapsedMilliseconds -lt $milliseconds -and (Test-Front)) {
    $left = $milliseconds - $time.ElapsedMilliseconds
    if ($closed.Wait([int][Math]::Max(0, [Math]::Min(20, $left)))) { break }
  }
} finally {
  foreach ($name in $pressed) { [void](Send-Change $name $true) }
}
if (-not $isSent) { exit 6 }
exit 0
