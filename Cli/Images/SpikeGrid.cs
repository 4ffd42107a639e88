using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary>Rows of small pictures as an SVG element that needs nothing else: each is a bitmap within it.</summary>
internal static class SpikeGrid
{
    private const int Cell = 64;
    private const int Gap = 6;
    private const int LabelWidth = 110;
    private const int HeaderBytes = 14 + 40;
    private const int Shades = 256;

    /// <summary>Draws them, each row behind the label of its first picture.</summary>
    public static string Svg(IReadOnlyList<IReadOnlyList<GreyPicture>> rows)
    {
        int width = LabelWidth + rows.Max(row => row.Count) * (Cell + Gap), height = rows.Count * (Cell + Gap);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">");
        for (int y = 0; y < rows.Count; y++)
        {
            int top = y * (Cell + Gap);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{top + Cell / 2}\" font-size=\"11\">{WebUtility.HtmlEncode(rows[y][0].Label)}</text>");
            for (int x = 0; x < rows[y].Count; x++)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<image x=\"{LabelWidth + x * (Cell + Gap)}\" y=\"{top}\" width=\"{Cell}\" height=\"{Cell}\" preserveAspectRatio=\"none\" ");
                svg.Append("style=\"image-rendering: pixelated\" href=\"data:image/bmp;base64,").Append(Convert.ToBase64String(Bitmap(rows[y][x]))).Append("\"/>");
            }
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>A bitmap of 256 shades of grey: a header, a palette, and rows from the last to the first, each filled up to four bytes.</summary>
    internal static byte[] Bitmap(GreyPicture picture)
    {
        int stride = (picture.Width + 3) / 4 * 4, start = HeaderBytes + 4 * Shades;
        byte[] file = new byte[start + stride * picture.Height];
        (file[0], file[1]) = ((byte)'B', (byte)'M');
        Number(2, file.Length);
        Number(10, start);
        Number(14, 40);
        Number(18, picture.Width);
        Number(22, picture.Height);
        file[26] = 1;   // plane
        file[28] = 8;   // bits
        for (int shade = 0; shade < Shades; shade++)
            file.AsSpan(HeaderBytes + 4 * shade, 3).Fill((byte)shade);
        for (int y = 0; y < picture.Height; y++)
            picture.Pixels.AsSpan(y * picture.Width, picture.Width).CopyTo(file.AsSpan(start + (picture.Height - 1 - y) * stride));
        return file;

        void Number(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
    }
}
